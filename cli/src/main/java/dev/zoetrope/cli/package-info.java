/**
 * The command line. Start at {@link dev.zoetrope.cli.Zoetrope}: it makes the command tree, maps failures to exit
 * statuses and runs. One class is one command; it parses, validates before anything heavy is loaded, calls the library
 * and prints. {@link dev.zoetrope.cli.Shell} is what the commands share: the two streams, the global options, the
 * terminal.
 */
@NullMarked
package dev.zoetrope.cli;

import org.jspecify.annotations.NullMarked;
