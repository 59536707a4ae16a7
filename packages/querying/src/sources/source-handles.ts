import type { MessagePort } from "node:worker_threads";
import { attachStorage, type ReadMemory, type StorageHandles } from "@narthex/tsdb";
import { longTermQueryable, LONG_TERM_STORE } from "../long-term/long-term-source.ts";
import { PortReader, type RemoteReaderHandles } from "../remote-read/source/reader-port.ts";
import { REMOTE_READ, remoteReadQueryable } from "../remote-read/source/remote-read-source.ts";
import type { RemoteReader } from "../remote-read/source/remote-reader.ts";
import type { Source } from "./joined-sources.ts";

/**
 * A source as it is told to a thread: can be posted. To add a kind: (1) its handles here; (2) how a thread opens them, in
 * openSource(); (3) where the scheduler is opened, handles of it beside those of the local folder.
 */
export type SourceHandles =
  | {
      readonly kind: "local";
      readonly storage: StorageHandles;
      /** What the thread keeps of what it read. */
      readonly memory: ReadMemory;
    }
  | ({ readonly kind: "remote read" | "long-term store" } & RemoteReaderHandles);

/** Handles of all sources for one more reading thread; release() is to be called when that thread has ended. */
export interface SharedSources {
  readonly handles: readonly SourceHandles[];
  /** What has to be transferred with the handles. */
  readonly transfer?: readonly MessagePort[];
  release(): void;
}

/** Opens the sources that another thread has told of, in their order. */
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

/** Other servers as a source: where there are none it is left out. */
export const remoteSource = (reader: RemoteReader): Source => ({
  name: REMOTE_READ,
  queryable: remoteReadQueryable(reader),
  optional: true,
  isOff: () => reader.endpoints === 0,
});

/** The store for what is older than local data as a source: where there is none it is left out. */
export const longTermSource = (reader: RemoteReader): Source => ({
  name: LONG_TERM_STORE,
  queryable: longTermQueryable(reader),
  optional: true,
  fillsPast: true,
  isOff: () => reader.endpoints === 0,
});
