import type { Panel } from "@narthex/dashboards";
import { Component, type ContextType, type ReactNode } from "react";
import { PartFailure } from "../../shell/PartFailure.tsx";
import { classesOf } from "../../shell/style-sheet.ts";
import { DashboardContext } from "../data/dashboard-context.ts";
import styles from "./PanelCard.module.css";

const css = classesOf(styles);

interface Props {
  readonly panel: Panel;
  readonly width: number;
  readonly height: number;
  readonly children: ReactNode;
}

interface State {
  readonly failure: { readonly error: unknown } | undefined;
}

/**
 * Shows an error in place of a panel that cannot be rendered. Rendering is tried again when the panel changes, at the
 * next refresh, or if the user retries.
 */
export class PanelBoundary extends Component<Props, State> {
  static override contextType = DashboardContext;
  declare context: ContextType<typeof DashboardContext>;

  override state: State = { failure: undefined };

  /** Time of the refresh at which the panel failed, epoch ms. */
  #failedAt: number | undefined;

  static getDerivedStateFromError(error: unknown): State {
    return { failure: { error } };
  }

  override componentDidCatch(): void {
    this.#failedAt = this.context?.now;
  }

  override componentDidUpdate(before: Props, { failure }: State): void {
    if (failure === undefined || failure !== this.state.failure) return;
    if (before.panel !== this.props.panel || this.#failedAt !== this.context?.now) this.#reset();
  }

  readonly #reset = (): void => this.setState({ failure: undefined });

  override render(): ReactNode {
    const { failure } = this.state;
    if (failure === undefined) return this.props.children;
    const { panel, width, height } = this.props;
    const name = panel.title === "" ? `Panel ${panel.id}` : panel.title;
    return (
      <section
        className={css("panel")}
        aria-label={name}
        data-panel-id={panel.id}
        data-panel-type={panel.type}
        data-panel-state="error"
        style={{ width, height }}
      >
        <header className={css("head")}>
          <h2 className={css("title")}>{name}</h2>
        </header>
        <div className={css("content", "fault")}>
          <PartFailure error={failure.error} title="This panel cannot be shown" onRetry={this.#reset} />
        </div>
      </section>
    );
  }
}
