package dev.zoetrope.vidrd.training;

import java.util.function.Predicate;

/** Which parameters of a module learn, by their name (sheet 3.1, 4.4). */
public enum FreezePolicy implements Predicate<String> {
    /** Everything. */
    NONE {
        @Override
        public boolean test(String name) {
            return true;
        }
    },
    /** The U-Net's temporal convolutions and whole transformers with their temporal attention; ResNets are frozen. */
    UNET {
        @Override
        public boolean test(String name) {
            return name.contains(".temp_convs.") || name.contains(".attentions.");
        }
    },
    /** The decoder's temporal convolutions. */
    DECODER {
        @Override
        public boolean test(String name) {
            return name.contains(".temp_convs.");
        }
    }
}
