import { useQuery } from "@tanstack/react-query";
import { type CSSProperties, useId, useMemo, useState } from "react";
import { classesOf } from "../../../shell/style-sheet.ts";
import { readOptions } from "../../contracts/option-table.ts";
import type { PanelProps } from "../../contracts/panel-kind.ts";
import { PlotMessage } from "../../plot/PlotMessage.tsx";
import type { View } from "../zooming/view-box.ts";
import { ZoomArea } from "../zooming/ZoomArea.tsx";
import { type MapPlan, type Marker, planLayers } from "./map-layers.ts";
import { firstView, keptOnMap } from "./map-view.ts";
import { MapLayers } from "./MapLayers.tsx";
import { MarkerCard, rowValues } from "./MarkerCard.tsx";
import { scaleBar, WORLD } from "./mercator.ts";
import { nightPath } from "./night.ts";
import { geomapOptions, type GeomapOptions } from "./options.ts";
import { loadWorld, type World } from "./world.ts";
import styles from "./GeomapPanel.module.css";

const css = classesOf(styles);

/** Base layers that are the built-in map. */
const BUILT_IN = ["", "default", "none"];
const SCALE_PX = 100;

/** Shows rows of frames as markers on a map. The map is part of the page and loads nothing from other hosts. */
export function GeomapPanel(props: PanelProps) {
  const { width, height, panel } = props;
  const options = useMemo(() => readOptions(geomapOptions, panel.options), [panel.options]);
  const { data: world, error } = useQuery({
    queryKey: ["built-in map"],
    queryFn: loadWorld,
    staleTime: Infinity,
    gcTime: Infinity,
  });
  if (world === undefined)
    return (
      <PlotMessage
        text={error === null ? "The map is loading." : "The map could not be loaded. Reload the page."}
        width={width}
        height={height}
      />
    );
  return <ShownMap key={JSON.stringify(panel.options?.["view"])} {...props} options={options} world={world} />;
}

interface ShownMapProps extends PanelProps {
  readonly options: GeomapOptions;
  readonly world: World;
}

interface Pointed {
  readonly marker: Marker;
  readonly isKept: boolean;
}

function ShownMap({ panel, frames, width, height, context, options, world }: ShownMapProps) {
  const plan = useMemo(
    () => planned(options, planLayers(withoutNight(options), frames, context, world.findPlace)),
    [options, frames, context, world],
  );
  const size = useMemo(() => ({ width, height }), [width, height]);
  const first = useMemo(() => {
    const points = plan.layers.flatMap(({ markers }) => markers.map(({ point }) => point));
    return firstView(options, points, size);
  }, [plan, options, size]);
  const [moved, setView] = useState<View>();
  const view = moved ?? first;
  const [pointed, setPointed] = useState<Pointed>();
  const night = options.layers.some(({ type }) => type === "dayNight") ? nightPath(context.now) : undefined;
  const clip = useId();
  const markerAt = (target: EventTarget): Marker | undefined => {
    const place = target instanceof Element ? target.closest("[data-marker]")?.getAttribute("data-marker") : null;
    const [layer = -1, index = -1] = place?.split(" ").map(Number) ?? [];
    const found = plan.layers[layer];
    return options.tooltip === "none" || found?.hasTooltip !== true ? undefined : found.markers[index];
  };
  const point = (target: EventTarget): void => {
    const marker = markerAt(target);
    if (pointed?.isKept !== true) setPointed(marker === undefined ? undefined : { marker, isKept: false });
  };
  const keep = (target: EventTarget): void => {
    const marker = markerAt(target);
    setPointed(marker === undefined ? undefined : { marker, isKept: true });
  };
  const count = plan.layers.reduce((all, { markers }) => all + markers.length, 0);
  const layers = useMemo(
    () => <MapLayers layers={plan.layers} nameOf={(marker) => markerName(marker, context)} />,
    [plan, context],
  );
  return (
    <div className={css("panel")} style={size}>
      <ZoomArea
        label={`${panel.title || "Map"}: ${count} places`}
        size={size}
        view={view}
        onView={(next) => setView(keptOnMap(next))}
        onFit={() => setView(undefined)}
        limits={[2 ** (options.minZoom ?? 0), 2 ** (options.maxZoom ?? 18)]}
        wheel={options.hasWheel ? "always" : "with key"}
        hasButtons={options.hasZoom}
      >
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- the markers are buttons, whose events are handled here */}
        <svg
          role="group"
          aria-label="Places"
          width={width}
          height={height}
          className={css("map")}
          onPointerOver={({ target }) => point(target)}
          onFocus={({ target }) => point(target)}
          onClick={({ target }) => keep(target)}
          onKeyDown={(event) => {
            if (event.key === "Enter" || event.key === " ") keep(event.target);
            else if (event.key === "Escape") setPointed(undefined);
            else return;
            event.preventDefault();
          }}
        >
          <g
            style={{ "--pixel": 1 / view.scale } as CSSProperties}
            transform={`translate(${width / 2 - view.x * view.scale} ${height / 2 - view.y * view.scale}) scale(${view.scale})`}
          >
            <clipPath id={clip}>
              <rect width={WORLD} height={WORLD} />
            </clipPath>
            <path d={world.outline} className={css("land")} clipPath={`url(#${clip})`} />
            {night !== undefined && <path d={night} className={css("night")} />}
            {layers}
          </g>
        </svg>
      </ZoomArea>
      <div className={css("below")}>
        <Legend plan={plan} />
        <Notes {...{ plan, options, view }} />
      </div>
      {pointed !== undefined && <MarkerCard {...pointed} context={context} onClose={() => setPointed(undefined)} />}
    </div>
  );
}

const withoutNight = ({ layers }: GeomapOptions) => {
  const others = layers.filter(({ type }) => type !== "dayNight");
  return others.length === 0 && layers.length > 0 ? [{ type: "markers" }] : others;
};

/** Adds the sentence about a base layer that is not drawn. */
const planned = ({ basemap }: GeomapOptions, plan: MapPlan): MapPlan =>
  BUILT_IN.includes(basemap)
    ? plan
    : {
        ...plan,
        remarks: [
          `The base layer “${basemap}” comes from another host. The built-in map replaces it.`,
          ...plan.remarks,
        ],
      };

const markerName = (marker: Marker, context: PanelProps["context"]): string =>
  rowValues(marker, context)
    .slice(0, 4)
    .map(([name, text]) => `${name} ${text}`)
    .join(", ");

function Legend({ plan }: { readonly plan: MapPlan }) {
  const entries = plan.layers.flatMap(({ legend }) => legend);
  if (entries.length === 0) return null;
  return (
    <ul className={css("legend")} aria-label="Legend">
      {entries.map(({ name, color }, at) => (
        <li key={at}>
          <span className={css("sample")} style={{ background: color }} /> {name}
        </li>
      ))}
    </ul>
  );
}

interface NotesProps {
  readonly plan: MapPlan;
  readonly options: GeomapOptions;
  readonly view: View;
}

/** The scale, the source of the map, and sentences about parts that are not shown. */
function Notes({ plan: { remarks }, options, view }: NotesProps) {
  const bar = options.hasScale ? scaleBar(view.scale, view.y, SCALE_PX) : undefined;
  return (
    <div className={css("notes")}>
      {bar !== undefined && (
        <span className={css("scale")} style={{ width: bar.width }}>
          {bar.text}
        </span>
      )}
      {remarks.length > 0 && <span role="status">{remarks.join(" ")}</span>}
      {options.hasAttribution && <span>Map: Natural Earth</span>}
    </div>
  );
}
