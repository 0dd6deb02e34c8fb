/** Training on top of a session: optimisers, parameter groups, clipping, learning-rate schedules, and the step that joins them. */
package dev.fedtiny.engine.train;
