/** An experiment: all its settings, its estimate before it runs, how it runs and resumes, and the directory it leaves; sweeps of them. */
package dev.fedtiny.experiment;
