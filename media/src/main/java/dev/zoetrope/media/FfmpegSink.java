package dev.zoetrope.media;

import dev.zoetrope.tensor.AtomicFiles;
import dev.zoetrope.tensor.ZoetropeException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.ffmpeg.global.avutil;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A video file through FFmpeg: RGB, pixel format of the encoder, packets, container. */
final class FfmpegSink implements FrameSink {
    private static final Logger log = LoggerFactory.getLogger(FfmpegSink.class);
    private static final int MAX_DENOMINATOR = 1_001_000; // holds the 1001 of broadcast rates exactly

    private final Path target;
    private final Path temporary;
    private final VideoFormat format;
    private final VideoOptions options;
    private final int width;
    private final int height;
    private final AVFrame rgb;
    private final Encoder encoder;
    private final Muxer muxer;
    private final PixelEncoder pixels;
    private long count;

    FfmpegSink(Path target, VideoFormat format, int frameWidth, int frameHeight, VideoOptions options) {
        FFmpeg.ensureLoaded();
        this.target = target;
        this.format = format;
        this.options = options;
        width = format == VideoFormat.MP4 ? frameWidth + frameWidth % 2 : frameWidth;
        height = format == VideoFormat.MP4 ? frameHeight + frameHeight % 2 : frameHeight;
        if (width != frameWidth || height != frameHeight) {
            log.warn(
                    "{}: H.264 needs even sizes, {}x{} becomes {}x{} by repeating the edge; .webm keeps odd sizes",
                    target,
                    frameWidth,
                    frameHeight,
                    width,
                    height);
        }
        temporary = AtomicFiles.temporarySibling(target);
        AVRational rate = avutil.av_d2q(options.framesPerSecond(), MAX_DENOMINATOR);
        try (var undo = new Undo()) {
            undo.add(this::deleteTemporary);
            encoder = undo.add(Encoder.open(target, format, width, height, rate, options));
            muxer = undo.add(new Muxer(temporary, format, encoder, rate, options.metadata()));
            pixels = undo.add(PixelEncoder.of(target, width, height, encoder));
            rgb = Pictures.allocate(target, width, height, avutil.AV_PIX_FMT_RGB24);
            undo.keep();
        }
    }

    @Override
    public void write(Frame frame) {
        FFmpeg.check(avutil.av_frame_make_writable(rgb), "copying a picture", target);
        Pictures.fill(rgb, frame);
        rgb.pts(count++).duration(1);
        encode(rgb);
    }

    private void encode(@Nullable AVFrame picture) {
        pixels.send(picture);
        AVFrame converted = pixels.receive();
        while (converted != null) {
            encoder.send(converted);
            mux();
            converted = pixels.receive();
        }
        if (picture == null) {
            encoder.send(null);
            mux();
        }
    }

    private void mux() {
        AVPacket packet = encoder.receive();
        while (packet != null) {
            if (packet.duration() == 0) {
                packet.duration(1);
            }
            muxer.write(packet, encoder.timeBase());
            packet = encoder.receive();
        }
    }

    @Override
    public void finish() {
        encode(null);
        muxer.finish();
        try {
            if (format.muxesTags() || options.metadata().isEmpty()) {
                try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                    channel.force(true);
                }
                AtomicFiles.moveIntoPlace(temporary, target);
            } else {
                Tagging.copy(temporary, target, format, width, height, options.metadata());
            }
        } catch (IOException e) {
            throw ZoetropeException.io(e, "cannot write %s: %s", target, e.getMessage());
        }
    }

    private void deleteTemporary() {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            log.warn("the temporary file {} could not be deleted: {}", temporary, e.getMessage());
        }
    }

    @Override
    public void close() {
        avutil.av_frame_free(rgb);
        pixels.close();
        muxer.close();
        encoder.close();
        deleteTemporary();
    }
}
