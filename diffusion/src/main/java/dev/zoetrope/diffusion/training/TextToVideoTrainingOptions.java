package dev.zoetrope.diffusion.training;

import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How to train a text-to-video model.
 *
 * @param preset what to train, see {@link TextToVideoPreset#named}
 * @param output folder of the run; the finished model is in {@code model} below it
 * @param seed of the weights, the clips and the noise
 * @param start what to start from, instead of the first two stages; empty starts from nothing
 * @param order in which the third stage sees its clips; empty is ONE_WAY_FIRST for a U-Net that learns on, else STILLS_FIRST
 * @param shuffledCaptions a control: every clip has the caption of another one, so that text tells nothing
 * @param autoencoderSteps steps of the first stage
 * @param autoencoderBatch frames a step, 1 to 4096
 * @param textEncoderSteps steps of the second stage, 64 captions each
 * @param denoiserSteps steps of the third stage
 * @param denoiserBatch clips a step, 1 to 1024
 * @param clips clips that are encoded once for the third stage, 1 to 1,000,000
 * @param motionCode what asks the features of the U-Net's last block where things go
 * @param recompute evaluate every stage of the U-Net twice, for the memory of one stage
 * @param timeLimit of the third stage: it then ends with what it has
 */
public record TextToVideoTrainingOptions(
        String preset,
        Path output,
        long seed,
        Optional<Start> start,
        Optional<ShowingOrder> order,
        boolean shuffledCaptions,
        long autoencoderSteps,
        int autoencoderBatch,
        long textEncoderSteps,
        long denoiserSteps,
        int denoiserBatch,
        int clips,
        MotionCode motionCode,
        boolean recompute,
        Optional<Duration> timeLimit) {

    public TextToVideoTrainingOptions {
        require("autoencoder steps", autoencoderSteps, 1, 10_000_000);
        require("autoencoder batch", autoencoderBatch, 1, 4096);
        require("text encoder steps", textEncoderSteps, 1, 10_000_000);
        require("denoiser steps", denoiserSteps, 1, 10_000_000);
        require("denoiser batch", denoiserBatch, 1, 1024);
        require("clips", clips, 1, 1_000_000);
        if (recompute && motionCode.isPlanted()) {
            throw ZoetropeException.badInput(
                    "a motion code cannot be planted with recomputation; leave one of the two away");
        }
    }

    /**
     * A trained model of the same preset. Its autoencoder and text encoder are taken as they are.
     *
     * @param model its folder
     * @param withUnet whether its U-Net learns on; else a new one learns
     */
    public record Start(Path model, boolean withUnet) {}

    /** The order of the options, or the usual one. */
    ShowingOrder showingOrder() {
        boolean learnsOn = start.map(Start::withUnet).orElse(false);
        return order.orElse(learnsOn ? ShowingOrder.ONE_WAY_FIRST : ShowingOrder.STILLS_FIRST);
    }

    /** The options of the shipped tiny model. */
    public static TextToVideoTrainingOptions tiny(Path output) {
        return new TextToVideoTrainingOptions(
                "tiny",
                output,
                0,
                Optional.empty(),
                Optional.empty(),
                false,
                2500,
                16,
                1000,
                12000,
                4,
                5000,
                MotionCode.NONE,
                false,
                Optional.empty());
    }

    private static void require(String name, long value, long low, long high) {
        if (value < low || value > high) {
            throw ZoetropeException.badInput("%s is %d, expected %d to %d", name, value, low, high);
        }
    }
}
