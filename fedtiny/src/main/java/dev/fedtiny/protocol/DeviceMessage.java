package dev.fedtiny.protocol;

/** What a device answers. */
public sealed interface DeviceMessage extends Message permits Hello, Ready, Statistics, Evaluation, Update, Failure, SecureAnswer {
}
