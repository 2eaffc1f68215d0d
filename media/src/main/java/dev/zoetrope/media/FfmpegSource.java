package dev.zoetrope.media;

import dev.zoetrope.tensor.ZoetropeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVPixFmtDescriptor;
import org.bytedeco.ffmpeg.global.avutil;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file that FFmpeg decodes. The first picture is decoded on opening, so that a file without one is refused at once and
 * {@link #info()} says what pictures really look like. Holds one picture at a time.
 */
final class FfmpegSource implements FrameSource {
    private static final Logger log = LoggerFactory.getLogger(FfmpegSource.class);

    private final Path path;
    private final ReadOptions options;
    private final Demuxer demuxer;
    private final Decoder decoder;
    private final RgbConverter converter;
    private final Orientation orientation;
    private final int codedWidth;
    private final int codedHeight;
    private final VideoInfo info;
    private final List<String> warnings = new ArrayList<>();
    private double clockStart;
    private double lastTime;
    private long count;
    private boolean sent;
    private @Nullable Frame first;

    private FfmpegSource(Path path, FileKind kind, ReadOptions options, Map<String, String> extraTags) {
        this.path = path;
        this.options = options;
        try (var undo = new Undo()) {
            demuxer = undo.add(new Demuxer(path, kind, options));
            var parameters = demuxer.stream().codecpar();
            if (parameters.width() > 0 && parameters.height() > 0) {
                options.checkSize(path, parameters.width(), parameters.height());
            }
            decoder = undo.add(new Decoder(path, parameters, demuxer.stream().time_base(), options));
            AVFrame picture = firstPicture();
            options.checkSize(path, picture.width(), picture.height());
            codedWidth = picture.width();
            codedHeight = picture.height();
            orientation = Orientation.of(picture);
            converter = undo.add(new RgbConverter(path, codedWidth, codedHeight));
            clockStart = demuxer.hasArbitraryClock() ? time(picture) : 0;
            info = describe(picture, kind, extraTags);
            first = frame(picture);
            undo.keep();
        }
    }

    /** Opens a file; {@code extraTags} are tags that FFmpeg does not see. */
    static FfmpegSource open(Path path, FileKind kind, ReadOptions options, Map<String, String> extraTags) {
        FFmpeg.ensureLoaded();
        return new FfmpegSource(path, kind, options, extraTags);
    }

    private AVFrame firstPicture() {
        AVFrame picture = nextPicture();
        if (picture == null) {
            throw ZoetropeException.badInput(
                    "%s: none of its pictures can be decoded (%s); make or download it again", path, decoder.name());
        }
        return picture;
    }

    private VideoInfo describe(AVFrame picture, FileKind kind, Map<String, String> extraTags) {
        AVPixFmtDescriptor format = avutil.av_pix_fmt_desc_get(picture.format());
        Map<String, String> tags = demuxer.tags();
        tags.values().removeAll(extraTags.values()); // FFmpeg sees some of them too, under other names
        tags.putAll(extraTags);
        return new VideoInfo(
                kind.demuxer().replace("_pipe", ""),
                decoder.name(),
                orientation.width(codedWidth, codedHeight),
                orientation.height(codedWidth, codedHeight),
                demuxer.framesPerSecond(),
                demuxer.durationSeconds(),
                FFmpeg.text(avutil.av_get_pix_fmt_name(picture.format())),
                orientation.degrees(),
                format != null && (format.flags() & avutil.AV_PIX_FMT_FLAG_ALPHA) != 0,
                demuxer.hasAudio(),
                Provenance.expand(tags));
    }

    @Override
    public VideoInfo info() {
        return info;
    }

    @Override
    public @Nullable Frame next() {
        Frame ready = first;
        if (ready != null) {
            first = null;
            return ready;
        }
        AVFrame picture = nextPicture();
        if (picture == null) {
            finish();
            return null;
        }
        return frame(picture);
    }

    private @Nullable AVFrame nextPicture() {
        while (true) {
            AVFrame picture = decoder.receive();
            if (picture != null || sent) {
                return picture;
            }
            AVPacket packet = demuxer.next();
            decoder.send(packet);
            sent = packet == null;
        }
    }

    private Frame frame(AVFrame picture) {
        if (picture.width() != codedWidth || picture.height() != codedHeight) {
            options.checkSize(path, picture.width(), picture.height());
            warn("pictures change size from %dx%d to %dx%d; they are scaled to the first size"
                    .formatted(codedWidth, codedHeight, picture.width(), picture.height()));
        }
        double time = time(picture) - clockStart;
        byte[] rgb = orientation.apply(converter.convert(picture), codedWidth, codedHeight);
        lastTime = time;
        count++;
        return new Frame(info.width(), info.height(), rgb, time);
    }

    /** Presentation time; a picture without one follows its predecessor at the average rate. */
    private double time(AVFrame picture) {
        long timestamp = picture.best_effort_timestamp();
        if (timestamp != avutil.AV_NOPTS_VALUE) {
            return demuxer.seconds(timestamp);
        }
        double rate = demuxer.framesPerSecond();
        return count == 0 ? 0 : lastTime + clockStart + (rate > 0 ? 1 / rate : 0);
    }

    private void finish() {
        String failure = demuxer.failure();
        if (failure != null) {
            warn("reading stopped after %d pictures: %s".formatted(count, failure));
        }
        if (decoder.damaged() > 0) {
            warn("%d damaged or missing pieces; %d pictures could be decoded".formatted(decoder.damaged(), count));
        }
        double rate = info.framesPerSecond();
        long promised = demuxer.stream().nb_frames();
        double end = lastTime + (rate > 0 ? 1.5 / rate : 0);
        if (promised > count && end < info.durationSeconds()) {
            warn("the file promises %d pictures and %.3f s, %d pictures up to %.3f s could be decoded"
                    .formatted(promised, info.durationSeconds(), count, lastTime));
        }
    }

    private void warn(String message) {
        if (!warnings.contains(message) && warnings.size() < 100) {
            warnings.add(message);
            log.warn("{}: {}", path, message);
        }
    }

    @Override
    public List<String> warnings() {
        return List.copyOf(warnings);
    }

    @Override
    public void close() {
        converter.close();
        decoder.close();
        demuxer.close();
    }
}
