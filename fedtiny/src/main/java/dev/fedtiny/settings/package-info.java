/**
 * How settings are declared and read: key, default, range and help in one place, refusals in one sentence. Knows nothing of what they are
 * for.
 */
package dev.fedtiny.settings;
