import type { MessagePort } from "node:worker_threads";
import { attachStorage, type ReadMemory, type StorageHandles } from "@narthex/tsdb";
import { longTermQueryable, LONG_TERM_STORE } from "../long-term/long-term-source.ts";
import { PortReader, type RemoteReaderHandles } from "../remote-read/source/reader-port.ts";
import { REMOTE_READ, remoteReadQueryable } from "../remote-read/source/remote-read-source.ts";
import type { RemoteReader } from "../remote-read/source/remote-reader.ts";
import type { Source } from "./joined-sources.ts";

/**
 * Data with which a thread opens a source of stored data. The object can be posted to the thread. A new kind of source
 * needs its data in this type, code in openSource() that opens it on a thread, and code that creates the data when the
 * scheduler is opened.
 */
export type SourceHandles =
  | {
      readonly kind: "local";
      readonly storage: StorageHandles;
      /** Sizes of the caches in the thread. */
      readonly memory: ReadMemory;
    }
  | ({ readonly kind: "remote read" | "long-term store" } & RemoteReaderHandles);

/** Data with which one additional reading thread opens all sources. Call release() when the thread has ended. */
export interface SharedSources {
  readonly handles: readonly SourceHandles[];
  /** Message ports that must be transferred to the thread. */
  readonly transfer?: readonly MessagePort[];
  release(): void;
}

export const openSources = (handles: readonly SourceHandles[]): readonly Source[] => handles.map(openSource);

function openSource(handles: SourceHandles): Source {
  switch (handles.kind) {
    case "local": {
      const { queryable } = attachStorage(handles.storage, handles.memory);
      return { name: "local storage", queryable, optional: false };
    }
    case "remote read":
      return remoteSource(new PortReader(handles));
    case "long-term store":
      return longTermSource(new PortReader(handles));
  }
}

export const remoteSource = (reader: RemoteReader): Source => ({
  name: REMOTE_READ,
  queryable: remoteReadQueryable(reader),
  optional: true,
  isOff: () => reader.endpoints === 0,
});

export const longTermSource = (reader: RemoteReader): Source => ({
  name: LONG_TERM_STORE,
  queryable: longTermQueryable(reader),
  optional: true,
  fillsPast: true,
  isOff: () => reader.endpoints === 0,
});
