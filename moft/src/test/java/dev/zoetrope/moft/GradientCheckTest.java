package dev.zoetrope.moft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.zoetrope.diffusion.denoiser.Conditioning;
import dev.zoetrope.diffusion.denoiser.DenoiserRequest;
import dev.zoetrope.diffusion.unet.UNet;
import dev.zoetrope.diffusion.unet.UNetConfig.Family;
import dev.zoetrope.moft.GuidedRun.Net;
import dev.zoetrope.tensor.Ops;
import dev.zoetrope.tensor.Scope;
import dev.zoetrope.tensor.SeededGenerator;
import dev.zoetrope.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The gradient of the motion loss in the latents against central differences, all in float64 (sheet section 8). */
class GradientCheckTest {
    private static final String TAP = GuidanceOptions.DEFAULT_TAP;
    private static final int F = 2;
    private static final int SIDE = GuidedRun.SIDE;
    private static final int COORDINATES = 20;
    private static final double STEP = 1e-4;

    static Stream<Arguments> losses() {
        return Stream.concat(
                Stream.of(Arguments.of(Family.VIDEO_3D, MotionLoss.POOLED_MSE)),
                Arrays.stream(MotionLoss.values()).map(loss -> Arguments.of(Family.MOTION, loss)));
    }

    @ParameterizedTest
    @MethodSource("losses")
    void theGradientIsThatOfCentralDifferences(Family family, MotionLoss kind) {
        try (Scope scope = Scope.noGrad();
                SeededGenerator generator = new SeededGenerator(5);
                UNet unet = TinyNets.of(family)) {
            unet.parameters().values().forEach(one -> one.set(one.value().to(ScalarType.Double)));
            Net net = GuidedRun.net(unet, generator, F);
            Tensor values = Ops.mul(generator.normal(F, 2, SIDE, SIDE), 3);
            MotionTarget target = new MotionTarget(new long[] {3, 6}, Tensors.toFloats(values), Tensors.shape(values));
            RegionMask leftHalf = RegionMask.box(16, 16, 0, 0, 8, 16);
            RegionObjective objective =
                    new RegionObjective(List.of(new MotionRegion(leftHalf, List.of(target), 1)), kind);
            Tensor z = generator.normal(1, 4, F, SIDE, SIDE).to(ScalarType.Double);

            double[] gradient = gradient(net, objective, z);
            double greatest = Arrays.stream(gradient).map(Math::abs).max().orElseThrow();
            assertThat(greatest).isPositive();
            for (long i : Tensors.toLongs(generator.integers(0, gradient.length, COORDINATES))) {
                double difference = loss(net, objective, moved(z, i, STEP)) - loss(net, objective, moved(z, i, -STEP));
                assertThat(gradient[Math.toIntExact(i)])
                        .as("coordinate %d", i)
                        .isCloseTo(difference / (2 * STEP), within(1e-5 * greatest));
            }
        }
    }

    private static double[] gradient(Net net, MotionObjective objective, Tensor z) {
        try (Scope grad = Scope.withGrad()) {
            Tensor leaf = z.detach().clone().requires_grad_(true);
            Tensor loss = evaluate(net, objective, leaf);
            assertThat(loss.scalar_type().intern()).isEqualTo(ScalarType.Double);
            return Tensors.toDoubles(Ops.gradients(loss, List.of(leaf)).get(0));
        }
    }

    private static double loss(Net net, MotionObjective objective, Tensor z) {
        try (Scope scope = Scope.noGrad()) {
            return Tensors.item(evaluate(net, objective, z));
        }
    }

    private static Tensor evaluate(Net net, MotionObjective objective, Tensor z) {
        Conditioning prompt = Conditioning.of(net.prompt().context().to(ScalarType.Double));
        Tensor time = Tensors.of(new double[] {480}, 1);
        DenoiserRequest request = DenoiserRequest.tapping(TAP).stoppingAfter(TAP);
        Tensor tap = net.denoiser().forward(z, time, prompt, request).tap(TAP);
        return objective.loss(0, 25, Moft.unfold(tap, 1), z);
    }

    private static Tensor moved(Tensor z, long coordinate, double by) {
        Tensor copy = z.clone();
        copy.view(-1).select(0, coordinate).add_(new Scalar(by));
        return copy;
    }
}
