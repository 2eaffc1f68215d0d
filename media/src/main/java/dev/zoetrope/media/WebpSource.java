package dev.zoetrope.media;

import dev.zoetrope.tensor.ZoetropeException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;
import org.jspecify.annotations.Nullable;

/**
 * WebP files. FFmpeg decodes single pictures only, so the frames of an animation are cut out here, decoded one by one, and
 * drawn on a canvas as RFC 9649 says. Holds the canvas and one picture at a time.
 */
final class WebpSource implements FrameSource {
    private final Path path;
    private final ReadOptions options;
    private final WebpFile webp;
    private final FileChannel file;
    private final Canvas canvas;
    private final VideoInfo info;
    private final List<String> warnings = new ArrayList<>();
    private int next;
    private long milliseconds;
    private boolean stopped;
    private @Nullable Frame first;

    private WebpSource(Path path, ReadOptions options, WebpFile webp, FileChannel file) {
        this.path = path;
        this.options = options;
        this.webp = webp;
        this.file = file;
        this.canvas = new Canvas(webp.width(), webp.height());
        long total =
                webp.frames().stream().mapToLong(WebpFile.Part::milliseconds).sum();
        double rate = total == 0 ? 0 : nominal(1e3 * webp.frames().size() / total);
        this.info = new VideoInfo(
                "webp",
                "webp",
                webp.width(),
                webp.height(),
                rate,
                total / 1e3,
                "argb",
                0,
                true,
                false,
                Provenance.expand(webp.tags()));
        first = decodeNext();
    }

    /** Times are rounded to milliseconds: a rate within a thousandth of a whole number was that number. */
    private static double nominal(double measured) {
        double whole = Math.rint(measured);
        return Math.abs(measured - whole) < 1e-3 * measured ? whole : measured;
    }

    static FrameSource open(Path path, ReadOptions options) {
        FFmpeg.ensureLoaded();
        WebpFile webp = WebpFile.read(path);
        if (!webp.animated()) {
            return FfmpegSource.open(path, FileKind.WEBP, options, webp.tags());
        }
        options.checkSize(path, webp.width(), webp.height());
        if (webp.frames().isEmpty()) {
            throw ZoetropeException.badInput("%s is an animation without frames; make or download it again", path);
        }
        try (var undo = new Undo()) {
            FileChannel file = undo.add(FileChannel.open(path, StandardOpenOption.READ));
            WebpSource source = new WebpSource(path, options, webp, file);
            undo.keep();
            return source;
        } catch (IOException e) {
            throw ZoetropeException.io(e, "cannot read %s: %s; check that it may be read", path, e.getMessage());
        }
    }

    @Override
    public VideoInfo info() {
        return info;
    }

    @Override
    public @Nullable Frame next() {
        Frame ready = first;
        first = null;
        return ready != null ? ready : decodeNext();
    }

    private @Nullable Frame decodeNext() {
        if (stopped || next == webp.frames().size()) {
            return null;
        }
        WebpFile.Part part = webp.frames().get(next);
        try {
            canvas.draw(part, decode(part));
        } catch (IOException | ZoetropeException e) {
            if (next == 0) {
                throw ZoetropeException.badInput(
                        "%s: its first picture cannot be decoded (%s); make or download it again",
                        path, e.getMessage());
            }
            warnings.add("reading stopped after %d of %d pictures: %s"
                    .formatted(next, webp.frames().size(), e.getMessage()));
            stopped = true;
            return null;
        }
        Frame frame = new Frame(webp.width(), webp.height(), canvas.rgb(), milliseconds / 1e3);
        canvas.dispose(part);
        milliseconds += part.milliseconds();
        next++;
        return frame;
    }

    /** RGBA of the rectangle of a frame. */
    private byte[] decode(WebpFile.Part part) throws IOException {
        if (part.x() + part.width() > webp.width() || part.y() + part.height() > webp.height()) {
            throw ZoetropeException.badInput("a picture lies outside of the canvas");
        }
        byte[] still = WebpFile.still(file, part);
        AVCodecParameters parameters = FFmpeg.allocated(avcodec.avcodec_parameters_alloc(), "a decoder");
        AVPacket packet = FFmpeg.allocated(avcodec.av_packet_alloc(), "a packet");
        parameters.codec_type(avutil.AVMEDIA_TYPE_VIDEO).codec_id(avcodec.AV_CODEC_ID_WEBP);
        try (AVRational ticks = new AVRational().num(1).den(1000);
                Decoder decoder = new Decoder(path, parameters, ticks, options)) {
            FFmpeg.check(avcodec.av_new_packet(packet, still.length), "copying a picture", path);
            packet.data().put(still, 0, still.length);
            decoder.send(packet);
            decoder.send(null);
            AVFrame picture = decoder.receive();
            if (picture == null || picture.width() != part.width() || picture.height() != part.height()) {
                throw ZoetropeException.badInput("a picture is damaged");
            }
            try (RgbConverter converter = new RgbConverter(path, part.width(), part.height(), true)) {
                return converter.convert(picture);
            }
        } finally {
            avcodec.av_packet_free(packet);
            avcodec.avcodec_parameters_free(parameters);
        }
    }

    @Override
    public List<String> warnings() {
        return List.copyOf(warnings);
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw ZoetropeException.io(e, "cannot close %s: %s", path, e.getMessage());
        }
    }

    /** RGBA pixels on which frames are drawn. */
    private record Canvas(int width, int height, byte[] rgba) {
        Canvas(int width, int height) {
            this(width, height, new byte[Math.multiplyExact(4, Math.multiplyExact(width, height))]);
        }

        void draw(WebpFile.Part part, byte[] picture) {
            for (int y = 0; y < part.height(); y++) {
                int from = 4 * part.width() * y;
                int to = 4 * ((part.y() + y) * width + part.x());
                if (part.blend()) {
                    blendRow(picture, from, to, part.width());
                } else {
                    System.arraycopy(picture, from, rgba, to, 4 * part.width());
                }
            }
        }

        private void blendRow(byte[] picture, int from, int to, int pixels) {
            for (int i = 0; i < 4 * pixels; i += 4) {
                int above = picture[from + i + 3] & 0xFF;
                int below = (rgba[to + i + 3] & 0xFF) * (255 - above) / 255;
                int alpha = above + below;
                for (int c = 0; c < 3 && alpha > 0; c++) {
                    int sum = (picture[from + i + c] & 0xFF) * above + (rgba[to + i + c] & 0xFF) * below;
                    rgba[to + i + c] = (byte) ((sum + alpha / 2) / alpha);
                }
                rgba[to + i + 3] = (byte) alpha;
            }
        }

        void dispose(WebpFile.Part part) {
            for (int y = 0; part.dispose() && y < part.height(); y++) {
                int from = 4 * ((part.y() + y) * width + part.x());
                Arrays.fill(rgba, from, from + 4 * part.width(), (byte) 0);
            }
        }

        byte[] rgb() {
            byte[] rgb = new byte[rgba.length / 4 * 3];
            for (int from = 0, to = 0; from < rgba.length; from += 4) {
                rgb[to++] = rgba[from];
                rgb[to++] = rgba[from + 1];
                rgb[to++] = rgba[from + 2];
            }
            return rgb;
        }
    }
}
