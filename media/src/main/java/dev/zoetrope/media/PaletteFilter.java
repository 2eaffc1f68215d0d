package dev.zoetrope.media;

import java.nio.file.Path;
import org.bytedeco.ffmpeg.avfilter.AVFilterContext;
import org.bytedeco.ffmpeg.avfilter.AVFilterGraph;
import org.bytedeco.ffmpeg.avfilter.AVFilterInOut;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.ffmpeg.global.avfilter;
import org.bytedeco.ffmpeg.global.avutil;
import org.jspecify.annotations.Nullable;

/**
 * RGB pictures to pictures of 256 colours, each with the best palette for itself: one pass and constant memory, where one
 * palette for all needs two passes.
 */
final class PaletteFilter implements AutoCloseable {
    private static final String GRAPH = "[in]split[a][b];"
            + "[a]palettegen=stats_mode=single:reserve_transparent=0[palette];"
            + "[b][palette]paletteuse=new=1:dither=sierra2_4a[out]";

    private final Path path;
    private final AVFilterGraph graph;
    private final AVFilterContext source = new AVFilterContext(null);
    private final AVFilterContext sink = new AVFilterContext(null);
    private final AVFrame picture;

    PaletteFilter(Path path, int width, int height, AVRational timeBase) {
        this.path = path;
        graph = FFmpeg.allocated(avfilter.avfilter_graph_alloc(), "a filter graph");
        picture = FFmpeg.allocated(avutil.av_frame_alloc(), "a picture");
        try {
            build(width, height, timeBase);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private void build(int width, int height, AVRational timeBase) {
        avfilter.avfilter_graph_set_auto_convert(graph, avfilter.AVFILTER_AUTO_CONVERT_ALL);
        graph.nb_threads(1);
        String input = "video_size=%dx%d:pix_fmt=rgb24:time_base=%d/%d:pixel_aspect=1/1"
                .formatted(width, height, timeBase.num(), timeBase.den());
        create(source, "buffer", "in", input);
        create(sink, "buffersink", "out", null);
        AVFilterInOut outputs = end("in", source);
        AVFilterInOut inputs = end("out", sink);
        int result = avfilter.avfilter_graph_parse_ptr(graph, GRAPH, inputs, outputs, null);
        avfilter.avfilter_inout_free(inputs);
        avfilter.avfilter_inout_free(outputs);
        FFmpeg.check(result, "setting up the palette", path);
        FFmpeg.check(avfilter.avfilter_graph_config(graph, null), "setting up the palette", path);
    }

    private void create(AVFilterContext filter, String type, String name, @Nullable String arguments) {
        FFmpeg.check(
                avfilter.avfilter_graph_create_filter(
                        filter, avfilter.avfilter_get_by_name(type), name, arguments, null, graph),
                "setting up the palette",
                path);
    }

    private static AVFilterInOut end(String name, AVFilterContext filter) {
        AVFilterInOut end = FFmpeg.allocated(avfilter.avfilter_inout_alloc(), "a filter");
        try (var text = FFmpeg.utf8(name)) {
            end.name(avutil.av_strdup(text));
        }
        end.filter_ctx(filter);
        end.pad_idx(0);
        end.next(null);
        return end;
    }

    /** Takes a picture; null says that there are no more. */
    void send(@Nullable AVFrame input) {
        int keep = 8; // AV_BUFFERSRC_FLAG_KEEP_REF: the caller goes on using its picture
        FFmpeg.check(avfilter.av_buffersrc_add_frame_flags(source, input, keep), "choosing colours", path);
    }

    /** The next picture, valid until the next call; null if more are needed or at the end. */
    @Nullable
    AVFrame receive() {
        avutil.av_frame_unref(picture);
        int result = avfilter.av_buffersink_get_frame(sink, picture);
        if (result == FFmpeg.AGAIN || result == FFmpeg.EOF) {
            return null;
        }
        FFmpeg.check(result, "choosing colours", path);
        return picture;
    }

    @Override
    public void close() {
        avutil.av_frame_free(picture);
        avfilter.avfilter_graph_free(graph);
    }
}
