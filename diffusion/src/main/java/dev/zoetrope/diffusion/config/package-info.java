/**
 * Configurations of model folders as records.
 *
 * <p>{@link dev.zoetrope.diffusion.config.ConfigRecords} is all there is: a configuration is a record, the class
 * defaults are an instance of it, and the file is laid over the defaults.
 */
@NullMarked
package dev.zoetrope.diffusion.config;

import org.jspecify.annotations.NullMarked;
