/**
 * One small reader and writer of JSON (RFC 8259), for the headers of model files, manifests and metrics: a tree of
 * {@link dev.fedtiny.engine.internal.json.JsonValue values}, {@link dev.fedtiny.engine.internal.json.JsonReader} with limits that
 * make hostile text harmless, {@link dev.fedtiny.engine.internal.json.JsonWriter} for one line or indented text.
 */
package dev.fedtiny.engine.internal.json;
