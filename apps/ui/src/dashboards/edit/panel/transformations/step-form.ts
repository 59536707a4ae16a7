import type { Edit, Frame, JsonObject } from "@narthex/dashboards";

export interface StepFormProps {
  readonly options: JsonObject;
  /** Input frames of the step, and the names of their fields. */
  readonly input: readonly Frame[];
  readonly fieldNames: readonly string[];
  /** Changes values of the step's options. Paths are relative to the options. */
  readonly onEdit: (edits: readonly Edit[]) => void;
}
