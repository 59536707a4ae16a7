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

/** A mark on the axis of times: something that happened, at a time or for a while. */
export interface PanelAnnotation {
  /** Epoch ms. */
  readonly time: number;
  /** Where it lasted: its end, epoch ms. */
  readonly timeEnd?: number;
  readonly title: string;
  /** May hold HTML that somebody else wrote. */
  readonly text: string;
  readonly tags: readonly string[];
  /** A CSS colour. */
  readonly color: string;
  /** Of those that are kept with the dashboard, by which they are changed. */
  readonly id?: number;
  /** Of an alert that fired. */
  readonly alert?: MarkedAlert;
  /** Of a silence. */
  readonly silence?: MarkedSilence;
}

/** A box of the window, CSS pixels. */
export interface PlaceOnPage {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Marks that somebody points at. */
export interface PointedMarks {
  readonly marks: readonly PanelAnnotation[];
  /** Where their sign is. */
  readonly place: PlaceOnPage;
  /** Whether what they say stays until it is dismissed. */
  readonly isKept: boolean;
}

/** A value whose links are asked for. */
export type LinkPlace = Pick<ValuePlace, "frame" | "field" | "row" | "reduced">;

/** What surrounds the panels of a dashboard. */
export interface PanelContext {
  readonly theme: PlotTheme;
  /** An IANA name. */
  readonly zone: string;
  /** Epoch ms, of the last refresh: what “ago” counts from. */
  readonly now: number;
  /** What the panel's axis of times spans. */
  readonly range: ResolvedTimeRange;
  readonly onZoom: (range: ResolvedTimeRange) => void;
  /** Panels of this name share the pointer's time; undefined: none. */
  readonly syncKey: string | undefined;
  readonly isTooltipShared: boolean;
  /** What the panel showed in the period that it is compared with; absent: with none. Their looks come from `viewOf` too. */
  readonly earlier?: EarlierFrames | undefined;
  /** In the order of their times. */
  readonly annotations: readonly PanelAnnotation[];
  /** Tells what marks say; null: nobody points at any. */
  readonly onMarks: (pointed: PointedMarks | null) => void;
  /** Asks what a moment, or a stretch of times, is to be marked with; undefined: marks cannot be made. */
  readonly onAnnotate: ((range: ResolvedTimeRange, place: PlaceOnPage) => void) | undefined;
  /** How a field of this panel's frames looks. */
  readonly viewOf: (field: Field, frame: Frame) => FieldView;
  /** The links of a value that can be followed, the one that a click follows first. */
  readonly linksOf: (place: LinkPlace) => readonly ResolvedDataLink[];
  /** The CSS colour for a name of the palette. */
  readonly cssColor: (color: string) => string;
  /** Fills variables into a text. */
  readonly fill: (text: string) => string;
}

/** What a panel's renderer is given. Frames have gone through transformations and have their settings. */
export interface PanelProps {
  readonly panel: Panel;
  readonly frames: readonly Frame[];
  /** CSS pixels. */
  readonly width: number;
  readonly height: number;
  readonly context: PanelContext;
}

/** What is loaded when a dashboard has a panel of the kind. */
export interface PanelModule {
  readonly Panel: ComponentType<PanelProps>;
  /** Of the panel's `options`. */
  readonly options: OptionTable;
  /** Of each field's `custom` settings. */
  readonly fieldOptions: OptionTable;
}

/** A kind of panel. */
export interface PanelKind {
  /** As it stands in a panel's `type`. */
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** Whether it shows the answers of queries. */
  readonly isFed: boolean;
  /** Whether it has an axis of times, on which marks stand. */
  readonly isOverTime?: boolean;
  /** Whether it shows an earlier period beside the present one. */
  readonly showsEarlier?: boolean;
  /** How fields get their colours where a dashboard says nothing of it; absent: from thresholds. */
  readonly usualColor?: string;
  readonly load: () => Promise<PanelModule>;
  readonly Panel: LoadedComponent<PanelProps>;
}
