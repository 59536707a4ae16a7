import type { GridPosition } from "@narthex/dashboards";
import { expect, test } from "vitest";
import { freePlace } from "./free-place.ts";

const at = (x: number, y: number, w: number, h: number): { position: GridPosition } => ({ position: { x, y, w, h } });

test.each([
  ["the first panel has the usual size", [], {}, [0, 0, 12, 8]],
  ["a panel fills the free half of the last line", [at(0, 0, 24, 4), at(0, 4, 12, 10)], {}, [12, 4, 12, 10]],
  ["a panel is narrower if less is free", [at(0, 0, 8, 6), at(8, 0, 8, 6)], {}, [16, 0, 8, 6]],
  ["a gap between panels is filled", [at(0, 0, 6, 6), at(18, 0, 6, 6)], {}, [6, 0, 12, 6]],
  ["a full line is followed by a new one", [at(0, 0, 12, 8), at(12, 0, 12, 8)], {}, [0, 8, 12, 8]],
  ["a gap that is too narrow stays empty", [at(0, 0, 20, 8)], {}, [0, 8, 12, 8]],
  ["the place below a lower panel is free", [at(0, 0, 12, 12), at(12, 0, 12, 6)], {}, [12, 6, 12, 6]],
  ["a panel with its own size keeps it", [at(0, 0, 12, 4)], { w: 8, h: 3 }, [12, 0, 8, 3]],
  ["a panel that is wider than the free place is below", [at(0, 0, 12, 4)], { w: 13, h: 3 }, [0, 4, 13, 3]],
  ["a row takes a new line", [at(0, 0, 12, 4)], { w: 24, h: 1 }, [0, 4, 24, 1]],
  ["a panel follows a last row", [at(0, 0, 12, 4), at(0, 4, 24, 1)], {}, [0, 5, 12, 8]],
] as const)("%s", (_, panels, size, [x, y, w, h]) => {
  expect(freePlace(panels, size)).toEqual({ x, y, w, h });
});
