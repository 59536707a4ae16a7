import { attachStorage, type ReadMemory, type StorageHandles } from "@narthex/tsdb";
import type { Source } from "./joined-sources.ts";

/**
 * A source as it is told to a thread: can be posted. To add a kind: (1) its handles here; (2) how a thread opens them, in
 * openSource(); (3) where the scheduler is opened, handles of it beside those of the local folder.
 */
export type SourceHandles = {
  readonly kind: "local";
  readonly storage: StorageHandles;
  /** What the thread keeps of what it read. */
  readonly memory: ReadMemory;
};

/** Handles of all sources for one more reading thread; release() is to be called when that thread has ended. */
export interface SharedSources {
  readonly handles: readonly SourceHandles[];
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
  }
}
