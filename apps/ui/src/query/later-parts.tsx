import { whenLoaded } from "../shell/when-loaded.tsx";

// Parts of a result that a first visit of the page does not need, because it has no query yet.

export const ResultTable = whenLoaded(async () => ({ default: (await import("./ResultTable.tsx")).ResultTable }), null);

export const RunError = whenLoaded(async () => ({ default: (await import("./RunError.tsx")).RunError }), null);

export const EmptyReason = whenLoaded(
  async () => ({ default: (await import("./plan/EmptyReason.tsx")).EmptyReason }),
  null,
);

export const QueryActions = whenLoaded(
  async () => ({ default: (await import("./QueryActions.tsx")).QueryActions }),
  null,
);

export const HomeSourceSelect = whenLoaded(
  async () => ({ default: (await import("./HomeSourceSelect.tsx")).HomeSourceSelect }),
  null,
);

export const QueryZoomNote = whenLoaded(() => import("./QueryZoomNote.tsx"), null);
