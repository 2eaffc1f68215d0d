package dev.zoetrope.media;

import dev.zoetrope.tensor.ZoetropeException;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Clips at a glance: one row a clip, with frames picked evenly from its first to its last, and a label above each row.
 *
 * @param columns frames a row, at least 1; a shorter clip fills fewer
 * @param scale times that pictures are enlarged, 1 to 64
 * @param smooth enlarge by linear interpolation; otherwise pixels stay squares
 */
public record ContactSheet(int columns, int scale, boolean smooth) {
    private static final int GAP = 4;
    private static final int LABEL_HEIGHT = 18;
    private static final Color BACKGROUND = new Color(250, 250, 250);
    private static final Color INK = new Color(40, 40, 40);

    /**
     * One clip of the sheet.
     *
     * @param label shown above; may be empty
     * @param frames at least one, all of one size; rows may differ in size
     */
    public record Row(String label, List<Frame> frames) {
        public Row {
            frames = List.copyOf(frames);
            if (frames.isEmpty()) {
                throw ZoetropeException.badInput("the row \"%s\" has no frames, expected at least one", label);
            }
        }
    }

    public ContactSheet {
        if (columns < 1 || scale < 1 || scale > 64) {
            throw ZoetropeException.badInput(
                    "a contact sheet needs columns of at least 1 and a scale of 1 to 64, got %d and %d",
                    columns, scale);
        }
    }

    /** Draws the rows below each other. */
    public Frame render(List<Row> rows) {
        if (rows.isEmpty()) {
            throw ZoetropeException.badInput("a contact sheet needs at least one row");
        }
        int width = GAP;
        int height = GAP;
        for (Row row : rows) {
            Frame first = row.frames().get(0);
            int count = Math.min(columns, row.frames().size());
            width = Math.max(width, GAP + count * (first.width() * scale + GAP));
            height += labelHeight(row) + first.height() * scale + GAP;
        }
        BufferedImage sheet = new BufferedImage(width, height, BufferedImage.TYPE_3BYTE_BGR);
        Graphics2D graphics = sheet.createGraphics();
        graphics.setColor(BACKGROUND);
        graphics.fillRect(0, 0, width, height);
        graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 13));
        int y = GAP;
        for (Row row : rows) {
            y = draw(graphics, row, y);
        }
        graphics.dispose();
        return Images.fromImage(sheet);
    }

    /** As {@link #render}, written as a PNG with metadata inside, whole or not at all. */
    public void write(Path png, List<Row> rows, Map<String, String> metadata) {
        Images.writePng(png, render(rows), metadata);
    }

    private static int labelHeight(Row row) {
        return row.label().isEmpty() ? 0 : LABEL_HEIGHT;
    }

    private int draw(Graphics2D graphics, Row row, int top) {
        graphics.setColor(INK);
        graphics.drawString(row.label(), GAP, top + 13);
        int y = top + labelHeight(row);
        int count = Math.min(columns, row.frames().size());
        int x = GAP;
        for (int i = 0; i < count; i++) {
            Frame frame = enlarged(row.frames().get(pick(i, count, row.frames().size())));
            graphics.drawImage(Images.toImage(frame), x, y, null);
            x += frame.width() + GAP;
        }
        return y + row.frames().get(0).height() * scale + GAP;
    }

    private Frame enlarged(Frame frame) {
        return smooth
                ? Resize.bilinear(frame, frame.width() * scale, frame.height() * scale)
                : Resize.repeat(frame, scale);
    }

    /** Index of the i-th of {@code count} frames spread over {@code total}, both ends included. */
    static int pick(int i, int count, int total) {
        return count == 1 ? 0 : (int) Math.round(i * (total - 1.0) / (count - 1));
    }
}
