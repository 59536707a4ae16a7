import { useMediaQuery } from "@mantine/hooks";
import {
  inReadingOrder,
  NARROW_WIDTH_PX,
  panelKey,
  type PlacedPanel,
  type ScopedVariables,
  sectionsOf,
  stackPanels,
} from "@narthex/dashboards";
import { useMemo, useState } from "react";
import { VisuallyHidden } from "@mantine/core";
import { DashboardGrid } from "../../grid/DashboardGrid.tsx";
import { useDashboardContext } from "../../data/dashboard-context.ts";
import { useDashboardEdit } from "../../draft/edit-context.ts";
import { arranged, type Gesture } from "../../draft/arrange.ts";
import { EditCell } from "./EditCell.tsx";
import { EmptyGrid } from "./EmptyGrid.tsx";

/**
 * The grid of panels in edit mode, in which the user moves, resizes, adds and removes panels. A repeated panel is drawn
 * only once, since the copies cannot be moved.
 */
export function EditGrid() {
  const { dashboard } = useDashboardEdit();
  const isNarrow = useMediaQuery(`(max-width: ${NARROW_WIDTH_PX}px)`) ?? false;
  const [gesture, setGesture] = useState<Gesture>();
  const [message, announce] = useState("");
  const scopes = useFirstValues();
  const positions = useMemo(() => {
    const moved = gesture === undefined ? dashboard.panels : arranged(dashboard.panels, gesture);
    return new Map(moved.map(({ id, position }) => [id, position]));
  }, [dashboard.panels, gesture]);
  const placed = useMemo(() => {
    const all = dashboard.panels.map((panel): PlacedPanel => ({
      key: panelKey(panel.id),
      panel,
      position: positions.get(panel.id) ?? panel.position,
      scope: scopes.get(panel.id) ?? NO_SCOPE,
      isClone: false,
    }));
    return isNarrow ? stackPanels(all) : all;
  }, [dashboard.panels, positions, scopes, isNarrow]);
  const order = useMemo(() => inReadingOrder(dashboard.panels).map(({ id }) => panelKey(id)), [dashboard.panels]);
  if (dashboard.panels.length === 0) return <EmptyGrid />;
  return (
    <>
      <DashboardGrid panels={placed} order={order}>
        {(one, rect) => (
          <EditCell
            placed={one}
            rect={rect}
            canArrange={!isNarrow}
            gesture={gesture?.id === one.panel.id ? gesture : undefined}
            onGesture={setGesture}
            announce={announce}
          />
        )}
      </DashboardGrid>
      <VisuallyHidden role="status" aria-live="polite">
        {message}
      </VisuallyHidden>
    </>
  );
}

const NO_SCOPE: ScopedVariables = {};

/**
 * Returns, for each repeated panel by id, the first selected value of its repeat variable. The edit mode draws the
 * panel with this value.
 */
function useFirstValues(): ReadonlyMap<number, ScopedVariables> {
  const { dashboard } = useDashboardEdit();
  const { lookupFor } = useDashboardContext();
  return useMemo(() => {
    const lookup = lookupFor();
    const first = (name: string | undefined): ScopedVariables => {
      const bound = name === undefined ? undefined : lookup(name, undefined);
      const value = bound?.values[0];
      if (name === undefined || value === undefined) return NO_SCOPE;
      return { [name]: { value, text: bound?.values.length === bound?.texts.length ? bound!.texts[0]! : value } };
    };
    const scopes = new Map<number, ScopedVariables>();
    for (const { row, panels } of sectionsOf(dashboard.panels)) {
      const ofRow = first(row?.repeat);
      if (row !== undefined) scopes.set(row.id, ofRow);
      for (const panel of panels) {
        const own = first(panel.repeat);
        if (ofRow !== NO_SCOPE || own !== NO_SCOPE) scopes.set(panel.id, { ...ofRow, ...own });
      }
    }
    return scopes;
  }, [dashboard.panels, lookupFor]);
}
