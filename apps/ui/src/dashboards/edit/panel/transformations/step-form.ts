import type { Edit, Frame, JsonObject } from "@narthex/dashboards";

/** What the form of a step is given. */
export interface StepFormProps {
  readonly options: JsonObject;
  /** The frames that the step is given, and the names of their fields. */
  readonly input: readonly Frame[];
  readonly fieldNames: readonly string[];
  /** Changes values of the options by their paths within them. */
  readonly onEdit: (edits: readonly Edit[]) => void;
}
