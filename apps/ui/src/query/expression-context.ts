import { createContext } from "react";

/** The expression field of a query panel, for results below it. */
export interface ExpressionField {
  /** Whether the text has changed since the last run. */
  readonly isEdited: boolean;
  /** Runs another expression instead. Undefined if the results are those of a part of the expression. */
  readonly onReplace?: (expr: string) => void;
}

export const ExpressionContext = createContext<ExpressionField>({ isEdited: false });
