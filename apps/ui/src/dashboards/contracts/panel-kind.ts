import type {
  EarlierFrames,
  Field,
  Frame,
  Panel,
  PanelKind,
  ResolvedTimeRange,
  ResolvedDataLink,
  ValuePlace,
} from "@narthex/dashboards";
import type { ComponentType } from "react";
import type { LoadedComponent } from "../../shell/when-loaded.tsx";
import type { MarkedAlert, MarkedSilence } from "./marked-alert.ts";
import type { FieldView } from "./field-view.ts";
import type { PlotTheme } from "../../plot/plot-theme.ts";
import type { OptionTable } from "./option-table.ts";

/** A mark on the time axis: an event at a point in time or over a range. */
export interface PanelAnnotation {
  /** Time of the event or start of the range, epoch ms. */
  readonly time: number;
  /** End of a range, epoch ms; undefined for a point in time. */
  readonly timeEnd?: number;
  readonly title: string;
  /** Text of the annotation. The text may contain HTML that other users wrote. */
  readonly text: string;
  readonly tags: readonly string[];
  /** A CSS colour. */
  readonly color: string;
  /** Id under which the server stores the annotation, if it does. The user can change a stored annotation. */
  readonly id?: number;
  /** The alert that this mark represents. */
  readonly alert?: MarkedAlert;
  /** The silence that this mark represents. */
  readonly silence?: MarkedSilence;
}

/** A rectangle in the window, CSS pixels. */
export interface PageRect {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Marks that the user points at. */
export interface PointedMarks {
  readonly marks: readonly PanelAnnotation[];
  /** Rectangle of the sign below the plot that represents the marks. */
  readonly rect: PageRect;
  /** Whether the card with the marks' content stays open until the user closes it. */
  readonly isKept: boolean;
}

/** The place of a value in the data, for which links are computed. */
export type LinkedValue = Pick<ValuePlace, "frame" | "field" | "row" | "reduced">;

/** Data and actions that a panel's renderer gets from the dashboard. */
export interface PanelContext {
  readonly theme: PlotTheme;
  /** IANA name of the time zone. */
  readonly zone: string;
  /** Time of the last refresh, epoch ms. Relative times such as "5 minutes ago" refer to it. */
  readonly now: number;
  /** Time range that the panel's time axis shows. */
  readonly range: ResolvedTimeRange;
  readonly onZoom: (range: ResolvedTimeRange) => void;
  /** Key of the panels that show the pointer at the same time; undefined if the pointer is not shared. */
  readonly syncKey: string | undefined;
  readonly isTooltipShared: boolean;
  /** Frames of the comparison period; undefined for no comparison. `viewOf` also accepts the fields of these frames. */
  readonly earlier?: EarlierFrames | undefined;
  /** Marks on the time axis, ordered by time. */
  readonly annotations: readonly PanelAnnotation[];
  /** Called with the marks that the user points at, so that their content is shown; with null if there are none. */
  readonly onMarks: (pointed: PointedMarks | null) => void;
  /** Opens the form for a new annotation; undefined if the user may not create annotations. */
  readonly onAnnotate: ((range: ResolvedTimeRange, rect: PageRect) => void) | undefined;
  /** Returns how a field of this panel's frames is displayed. */
  readonly viewOf: (field: Field, frame: Frame) => FieldView;
  /** Returns the valid links of a value. A click on the value follows the first link. */
  readonly linksOf: (value: LinkedValue) => readonly ResolvedDataLink[];
  /** Returns the CSS colour of a colour name in the palette. */
  readonly cssColor: (color: string) => string;
  /** Replaces variables in a text. */
  readonly fill: (text: string) => string;
}

/** Properties of a panel's renderer. Transformations and field settings are already applied to the frames. */
export interface PanelProps {
  readonly panel: Panel;
  readonly frames: readonly Frame[];
  /** Size of the panel's content, CSS pixels. */
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

/** A kind of panel, with its code. */
export interface DrawnKind extends PanelKind {
  readonly load: () => Promise<PanelModule>;
  readonly Panel: LoadedComponent<PanelProps>;
}
