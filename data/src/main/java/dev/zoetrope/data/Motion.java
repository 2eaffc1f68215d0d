package dev.zoetrope.data;

/** What the object does, as seen on the background: left is towards smaller x, up is towards smaller y. */
public enum Motion {
    LEFT("left", -1, 0),
    RIGHT("right", 1, 0),
    UP("up", 0, -1),
    DOWN("down", 0, 1),
    UP_LEFT("up left", -1, -1),
    UP_RIGHT("up right", 1, -1),
    DOWN_LEFT("down left", -1, 1),
    DOWN_RIGHT("down right", 1, 1),
    STILL("still", 0, 0),
    BOUNCE("bounce", 0, 0),
    ROTATE("rotate", 0, 0),
    GROW("grow", 0, 0),
    SHRINK("shrink", 0, 0);

    private final String label;
    private final int dx;
    private final int dy;

    Motion(String label, int dx, int dy) {
        this.label = label;
        this.dx = dx;
        this.dy = dy;
    }

    /** The short name used in {@link Labels}; captions use whole phrases, see {@link Captions}. */
    public String label() {
        return label;
    }

    /** Sign of the horizontal displacement. */
    public int dx() {
        return dx;
    }

    /** Sign of the vertical displacement. */
    public int dy() {
        return dy;
    }

    /** Whether the object goes somewhere in a straight line. */
    public boolean isTranslation() {
        return dx != 0 || dy != 0;
    }

    /** Whether it is one of left, right, up and down. */
    public boolean isAxisAligned() {
        return Math.abs(dx) + Math.abs(dy) == 1;
    }
}
