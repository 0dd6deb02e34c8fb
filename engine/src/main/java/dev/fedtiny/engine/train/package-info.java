/** Training on top of a session: optimisers, learning-rate schedules, and the step that joins them. */
package dev.fedtiny.engine.train;
