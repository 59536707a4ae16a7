import type { MessagePort } from "node:worker_threads";
import { attachStorage, type ReadMemory, type StorageHandles } from "@narthex/tsdb";
import { longTermQueryable, LONG_TERM_STORE } from "../long-term/long-term-source.ts";
import { PortReader, type RemoteReaderHandles } from "../remote-read/source/reader-port.ts";
import { REMOTE_READ, remoteReadQueryable } from "../remote-read/source/remote-read-source.ts";
import type { RemoteReader } from "../remote-read/source/remote-reader.ts";
import type { Source } from "./joined-sources.ts";

/**
 * Handles of a source that can be posted to a thread. A new kind of source needs three additions: its handles here, the
 * code in openSource() that opens them on a thread, and the creation of its handles where the scheduler is opened.
 */
export type SourceHandles =
  | {
      readonly kind: "local";
      readonly storage: StorageHandles;
      /** Sizes of the thread's caches. */
      readonly memory: ReadMemory;
    }
  | ({ readonly kind: "remote read" | "long-term store" } & RemoteReaderHandles);

/** Handles of all sources for one more reading thread. release() must be called when the thread has ended. */
export interface SharedSources {
  readonly handles: readonly SourceHandles[];
  /** Ports that must be transferred with the handles. */
  readonly transfer?: readonly MessagePort[];
  release(): void;
}

/** Opens sources whose handles were posted by another thread. Keeps their order. */
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

/** Returns a source that reads from the servers of `remote_read`. The source is disabled if no server is configured. */
export const remoteSource = (reader: RemoteReader): Source => ({
  name: REMOTE_READ,
  queryable: remoteReadQueryable(reader),
  optional: true,
  isOff: () => reader.endpoints === 0,
});

/** Returns a source that reads from the long-term store. The source is disabled if no store is configured. */
export const longTermSource = (reader: RemoteReader): Source => ({
  name: LONG_TERM_STORE,
  queryable: longTermQueryable(reader),
  optional: true,
  fillsPast: true,
  isOff: () => reader.endpoints === 0,
});
