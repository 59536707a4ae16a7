import { useMediaQuery } from "@mantine/hooks";
import {
  inReadingOrder,
  NARROW_WIDTH_PX,
  type Panel,
  panelKey,
  type PlacedPanel,
  placePanels,
  repeatValues,
  stackPanels,
} from "@narthex/dashboards";
import { useMemo, useState } from "react";
import { VisuallyHidden } from "@mantine/core";
import { DashboardGrid } from "../../grid/DashboardGrid.tsx";
import { useDashboardContext } from "../../data/dashboard-context.ts";
import { useDashboardEdit } from "../../draft/edit-context.ts";
import { arranged, type Gesture } from "../../draft/arrange.ts";
import { CopyCell, EditCell } from "./EditCell.tsx";
import { EmptyGrid } from "./EmptyGrid.tsx";

/**
 * The grid of panels in edit mode, in which the user moves, resizes, adds and removes panels. The layout is the same as
 * on the page. While a panel is moved or resized, the copies of repeated panels are hidden, because they have no place
 * of their own.
 * @param edited id of the panel that was edited last
 */
export function EditGrid({ edited }: { edited?: string | null }) {
  const { dashboard } = useDashboardEdit();
  const { states } = useDashboardContext();
  const isNarrow = useMediaQuery(`(max-width: ${NARROW_WIDTH_PX}px)`) ?? false;
  const [gesture, setGesture] = useState<Gesture>();
  const [message, announce] = useState("");
  const { panels } = dashboard;
  const steady = useMemo(() => placePanels(panels, repeatValues(states)), [panels, states]);
  const placed = useMemo(() => {
    if (gesture === undefined) return isNarrow ? stackPanels(steady) : steady;
    const positions = new Map(arranged(panels, gesture).map(({ id, position }) => [id, position]));
    return steady
      .filter(({ isClone }) => !isClone)
      .map((one): PlacedPanel => ({ ...one, position: positions.get(one.panel.id) ?? one.position }));
  }, [steady, panels, gesture, isNarrow]);
  const added = useAddedPanel(panels);
  const order = useMemo(() => inReadingOrder(panels).map(({ id }) => panelKey(id)), [panels]);
  if (panels.length === 0) return <EmptyGrid />;
  return (
    <>
      <DashboardGrid panels={placed} order={order} wanted={added ?? keyOf(edited)}>
        {(one, rect) =>
          one.isClone ? (
            <CopyCell placed={one} rect={rect} />
          ) : (
            <EditCell
              placed={one}
              rect={rect}
              canArrange={!isNarrow}
              gesture={gesture?.id === one.panel.id ? gesture : undefined}
              onGesture={setGesture}
              announce={announce}
            />
          )
        }
      </DashboardGrid>
      <VisuallyHidden role="status" aria-live="polite">
        {message}
      </VisuallyHidden>
    </>
  );
}

/** Returns the key of a panel for its id in the address: a number, or `panel-3` in newer dashboards. */
const keyOf = (id: string | null | undefined): string | undefined =>
  id == null ? undefined : panelKey(Number(id.replace("panel-", "")));

/** Returns the key of the panel that was added last, and undefined before a panel is added. */
function useAddedPanel(panels: readonly Panel[]): string | undefined {
  const [known, setKnown] = useState({ panels, added: undefined as string | undefined });
  if (known.panels === panels) return known.added;
  const before = new Set(known.panels.map(({ id }) => id));
  const news = panels.filter(({ id }) => !before.has(id));
  setKnown({ panels, added: news.length === 1 ? panelKey(news[0]!.id) : known.added });
  return known.added;
}
