/**
 * What the command lines of this project share: commands that describe themselves, their options and arguments, help that fits the
 * terminal, and how a program ends. {@link dev.fedtiny.command.CommandLine} puts them together.
 */
package dev.fedtiny.command;
