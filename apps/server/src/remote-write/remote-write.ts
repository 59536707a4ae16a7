import { acceptedMessages, type WriteMessage, WriteReceiver } from "@narthex/remote";
import type { Context } from "../context.ts";
import { type ServerFeature, StartError } from "../server-feature.ts";
import type { StorageFeature } from "../storage/storage.ts";
import { disabledWriteRoute, writeRoute } from "./write-route.ts";

/** Adds the feature that receives samples from other servers (`--web.enable-remote-write-receiver`). */
export function openRemoteWrite(context: Context, storage: Pick<StorageFeature, "appendable">): ServerFeature {
  const { flags, featureFlags, clock, configuration, metrics } = context;
  const isEnabled = flags["web.enable-remote-write-receiver"];
  const features = { api: { remote_write_receiver: isEnabled } };
  if (!isEnabled) return { name: "remote write", routes: { apiWhenReady: disabledWriteRoute }, features };
  const receiver = new WriteReceiver({
    appendable: storage.appendable,
    clock,
    outOfOrderWindowMs: () => configuration.current.storage.outOfOrderTimeWindowMs,
    withMetadata: featureFlags.has("metadata-wal-records"),
    typeAndUnitLabels: featureFlags.has("type-and-unit-labels"),
  });
  const accepted = {
    messages: messagesOf(flags["web.remote-write-receiver.accepted-protobuf-messages"]),
    zstd: flags["web.remote-write-receiver.zstd"],
  };
  return {
    name: "remote write",
    routes: { apiWhenReady: (app) => writeRoute(app, { receiver, accepted, metrics }) },
    features,
  };
}

/** Parses the flag for accepted messages. The flag may be repeated; prometheus-operator sets it once with commas. */
function messagesOf(names: readonly string[]): ReadonlySet<WriteMessage> {
  const messages = acceptedMessages(names.flatMap((name) => name.split(",")));
  if (typeof messages === "string") throw new StartError("Error parsing command line arguments", { cause: messages });
  return messages;
}
