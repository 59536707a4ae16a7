import { Component } from "react";
import type { ReactNode } from "react";
import { PartFailure } from "./PartFailure.tsx";

interface Props {
  /** Key of the content. After an error, a changed key makes the component render the content again. */
  readonly of: string;
  /** Whether the content is the whole page. The page is then reloaded if its files are missing. */
  readonly isPage?: boolean;
  /** Whether the content is optional. Nothing is then shown after an error. */
  readonly isOptional?: boolean;
  readonly children: ReactNode;
}

interface State {
  readonly failure: { readonly error: unknown } | undefined;
}

/** Shows content, or an error after a failure. */
export class ErrorBoundary extends Component<Props, State> {
  override state: State = { failure: undefined };

  static getDerivedStateFromError(error: unknown): State {
    return { failure: { error } };
  }

  override componentDidUpdate(before: Props): void {
    if (before.of !== this.props.of && this.state.failure !== undefined) this.#reset();
  }

  readonly #reset = (): void => this.setState({ failure: undefined });

  override render(): ReactNode {
    const { failure } = this.state;
    const { children, isOptional = false } = this.props;
    if (failure === undefined) return children;
    if (isOptional) return null;
    return (
      <PartFailure
        error={failure.error}
        title="This cannot be shown"
        isPage={this.props.isPage === true}
        onRetry={this.#reset}
      />
    );
  }
}
