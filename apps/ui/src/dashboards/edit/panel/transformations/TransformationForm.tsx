import type { Edit, Frame } from "@narthex/dashboards";
import { DraftJson } from "../inputs/DraftJson.tsx";

export interface TransformationFormProps {
  readonly id: string;
  /** As the JSON has them. */
  readonly options: unknown;
  /** What the step is given. */
  readonly input: readonly Frame[];
  /** Changes values of the options by their paths within them. */
  readonly onEdit: (edits: readonly Edit[]) => void;
  readonly onReplace: (options: unknown) => void;
}

/** The options of a step. */
export function TransformationForm({ id, options, onReplace }: TransformationFormProps) {
  return <DraftJson label={`Options of ${id}`} value={options} rows={6} onCommit={onReplace} />;
}
