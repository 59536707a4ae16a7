import { memo } from "react";
import { classesOf } from "../../../shell/style-sheet.ts";
import type { MapLayer, Marker, MarkerSymbol } from "./map-layers.ts";
import styles from "./MapLayers.module.css";

const css = classesOf(styles);

interface MapLayersProps {
  readonly layers: readonly MapLayer[];
  /** Returns the accessible name of a marker. */
  readonly nameOf: (marker: Marker) => string;
}

/** Draws the layers of a map. Markers keep their size at each zoom, because `--pixel` is the size of a pixel. */
export const MapLayers = memo(function MapLayers({ layers, nameOf }: MapLayersProps) {
  return layers.map((layer, at) => {
    if (layer.kind === "route") return <Route key={at} layer={layer} />;
    if (layer.kind === "heatmap") return <Heat key={at} layer={layer} />;
    return (
      <g key={at} data-layer={layer.name}>
        {layer.markers.map((marker, index) => (
          <g
            key={index}
            role="button"
            tabIndex={layer.hasTooltip ? 0 : -1}
            aria-label={nameOf(marker)}
            data-marker={`${at} ${index}`}
            className={css("marker")}
            style={placed(marker)}
          >
            <path
              d={symbolPath(layer.symbol, marker.radius)}
              style={{ fill: marker.color, stroke: marker.color, fillOpacity: layer.opacity }}
            />
            {marker.label !== "" && (
              <text className={css("label")} y={-marker.radius - 4}>
                {marker.label}
              </text>
            )}
          </g>
        ))}
      </g>
    );
  });
});

const placed = ({ point: [x, y] }: Marker) => ({ transform: `translate(${x}px, ${y}px) scale(var(--pixel))` });

function Route({ layer: { markers, name } }: { readonly layer: MapLayer }) {
  const points = markers.map(({ point: [x, y] }) => `${x} ${y}`).join(" ");
  return (
    <polyline
      role="img"
      aria-label={`Route ${name}`}
      points={points}
      className={css("route")}
      style={{ stroke: markers[0]?.color }}
    />
  );
}

/** Blurred points. Overlapping points add up. */
function Heat({ layer: { markers, name } }: { readonly layer: MapLayer }) {
  return (
    <g role="img" aria-label={`Density ${name}`} className={css("heat")}>
      {markers.map((marker, index) => (
        <circle key={index} r={marker.radius} style={{ ...placed(marker), fill: marker.color }} />
      ))}
    </g>
  );
}

/** Returns the SVG path of a symbol around the origin. */
function symbolPath(symbol: MarkerSymbol, r: number): string {
  switch (symbol) {
    case "square":
      return `M${-r} ${-r}H${r}V${r}H${-r}Z`;
    case "triangle":
      return `M0 ${-r}L${r} ${r}H${-r}Z`;
    case "star":
      return `M${Array.from({ length: 10 }, (_, at) => {
        const length = at % 2 === 0 ? r : r / 2;
        return `${(length * Math.sin((at * Math.PI) / 5)).toFixed(2)} ${(-length * Math.cos((at * Math.PI) / 5)).toFixed(2)}`;
      }).join("L")}Z`;
    case "cross":
      return `M0 ${-r}V${r}M${-r} 0H${r}`;
    case "x":
      return `M${-r} ${-r}L${r} ${r}M${-r} ${r}L${r} ${-r}`;
    case "pin":
      return `M0 0L${-r * 0.7} ${-r}A${r * 0.8} ${r * 0.8} 0 1 1 ${r * 0.7} ${-r}Z`;
    case "circle":
      return `M${-r} 0A${r} ${r} 0 1 0 ${r} 0A${r} ${r} 0 1 0 ${-r} 0Z`;
  }
}
