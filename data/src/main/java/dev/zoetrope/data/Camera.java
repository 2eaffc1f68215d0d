package dev.zoetrope.data;

/** What the camera does. A pan to the left moves everything on screen to the right. */
public enum Camera {
    STILL("", 0, 0),
    PAN_LEFT("pans left", -1, 0),
    PAN_RIGHT("pans right", 1, 0),
    ZOOM_IN("zooms in", 0, 1),
    ZOOM_OUT("zooms out", 0, -1);

    private final String phrase;
    private final int pan;
    private final int zoom;

    Camera(String phrase, int pan, int zoom) {
        this.phrase = phrase;
        this.pan = pan;
        this.zoom = zoom;
    }

    /** What follows "while the camera", empty for still. */
    public String phrase() {
        return phrase;
    }

    /** Sign of the camera's own horizontal displacement. */
    public int pan() {
        return pan;
    }

    /** Sign of the change of magnification. */
    public int zoom() {
        return zoom;
    }
}
