import type { Frame } from "@narthex/dashboards";
import { type ComponentType, useMemo } from "react";
import { type OptionsOf, type OptionTable, readOptions } from "../contracts/option-table.ts";
import type { PanelContext, PanelProps } from "../contracts/panel-kind.ts";
import { PlotMessage } from "./PlotMessage.tsx";

/** A message that says why nothing can be drawn. */
export interface PlotProblem {
  readonly problem: string;
}

/** Properties of a panel whose data was already converted to the plan for its drawing. */
export interface PlannedProps<Plan, Options> extends PanelProps {
  readonly plan: Plan;
  readonly options: Options;
}

const isProblem = (plan: object): plan is PlotProblem => "problem" in plan;

/**
 * Returns a panel component that reads its options, converts its data to a plan, and draws the plan. If the plan is a
 * problem, the panel shows the problem's text.
 */
export function plannedPanel<Table extends OptionTable, Plan extends object>(
  table: Table,
  planOf: (frames: readonly Frame[], options: OptionsOf<Table>, context: PanelContext) => Plan | PlotProblem,
  Drawn: ComponentType<PlannedProps<Plan, OptionsOf<Table>>>,
): ComponentType<PanelProps> {
  return function PlannedPanel(props) {
    const { panel, frames, width, height, context } = props;
    const options = useMemo(() => readOptions(table, panel.options), [panel.options]);
    const plan = useMemo(() => planOf(frames, options, context), [frames, options, context]);
    if (isProblem(plan)) return <PlotMessage text={plan.problem} width={width} height={height} />;
    return <Drawn {...props} plan={plan} options={options} />;
  };
}
