import type {
  EarlierFrames,
  Field,
  Frame,
  Panel,
  ResolvedTimeRange,
  ResolvedDataLink,
  ValuePlace,
} from "@narthex/dashboards";
import type { ComponentType } from "react";
import type { LoadedComponent } from "../../shell/when-loaded.tsx";
import type { MarkedAlert, MarkedSilence } from "../alerts/marked-alert.ts";
import type { FieldView } from "../panel/field-view.ts";
import type { PlotTheme } from "../plot/plot-theme.ts";
import type { OptionTable } from "./option-table.ts";

/** A mark on the time axis: an event at a point in time or over a range. */
export interface PanelAnnotation {
  /** Epoch ms. */
  readonly time: number;
  /** End of a range, epoch ms; undefined for a point in time. */
  readonly timeEnd?: number;
  readonly title: string;
  /** Text that may contain HTML of other users. */
  readonly text: string;
  readonly tags: readonly string[];
  /** A CSS colour. */
  readonly color: string;
  /** Id of a stored annotation, by which it can be changed. */
  readonly id?: number;
  /** The alert that the mark shows. */
  readonly alert?: MarkedAlert;
  /** The silence that the mark shows. */
  readonly silence?: MarkedSilence;
}

/** A rectangle in the window, CSS pixels. */
export interface PlaceOnPage {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Marks under the pointer. */
export interface PointedMarks {
  readonly marks: readonly PanelAnnotation[];
  /** Rectangle of the mark's sign. */
  readonly place: PlaceOnPage;
  /** Whether their card stays open until the user closes it. */
  readonly isKept: boolean;
}

/** The position of a value whose links are requested. */
export type LinkPlace = Pick<ValuePlace, "frame" | "field" | "row" | "reduced">;

/** Data and actions that the panels of a dashboard share. */
export interface PanelContext {
  readonly theme: PlotTheme;
  /** IANA name of the time zone. */
  readonly zone: string;
  /** Time of the last refresh, epoch ms; “ago” is relative to it. */
  readonly now: number;
  /** Time range of the panel's time axis. */
  readonly range: ResolvedTimeRange;
  readonly onZoom: (range: ResolvedTimeRange) => void;
  /** Panels with the same key share the pointer's time; undefined for none. */
  readonly syncKey: string | undefined;
  readonly isTooltipShared: boolean;
  /** Frames of the comparison period; undefined for no comparison. `viewOf` also returns their display. */
  readonly earlier?: EarlierFrames | undefined;
  /** Marks, ordered by time. */
  readonly annotations: readonly PanelAnnotation[];
  /** Shows the content of marks; null if the pointer is on none. */
  readonly onMarks: (pointed: PointedMarks | null) => void;
  /** Opens the form for a new annotation; undefined if the user may not create annotations. */
  readonly onAnnotate: ((range: ResolvedTimeRange, place: PlaceOnPage) => void) | undefined;
  /** Returns how a field of this panel's frames is displayed. */
  readonly viewOf: (field: Field, frame: Frame) => FieldView;
  /** Returns the valid links of a value; a click follows the first. */
  readonly linksOf: (place: LinkPlace) => readonly ResolvedDataLink[];
  /** Returns the CSS colour for a name of the palette. */
  readonly cssColor: (color: string) => string;
  /** Replaces variables in a text. */
  readonly fill: (text: string) => string;
}

/** Properties of a panel's renderer. Transformations and field settings are already applied to the frames. */
export interface PanelProps {
  readonly panel: Panel;
  readonly frames: readonly Frame[];
  /** CSS pixels. */
  readonly width: number;
  readonly height: number;
  readonly context: PanelContext;
}

/** The module of a panel's kind, which is loaded when a dashboard uses it. */
export interface PanelModule {
  readonly Panel: ComponentType<PanelProps>;
  /** Table of the panel's `options`. */
  readonly options: OptionTable;
  /** Table of each field's `custom` settings. */
  readonly fieldOptions: OptionTable;
}

/** A kind of panel. */
export interface PanelKind {
  /** Value of a panel's `type`. */
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** Whether it shows the results of queries. */
  readonly isFed: boolean;
  /** Whether it has a time axis, which can show marks. */
  readonly isOverTime?: boolean;
  /** Whether it can show an earlier period next to the current one. */
  readonly showsEarlier?: boolean;
  /** Default colour mode of fields; if undefined, colours come from thresholds. */
  readonly usualColor?: string;
  readonly load: () => Promise<PanelModule>;
  readonly Panel: LoadedComponent<PanelProps>;
}
