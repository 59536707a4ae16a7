import { Component, Suspense } from "react";
import type { ReactNode } from "react";
import { ErrorMessage, LoadingMessage } from "./StatusMessage.tsx";

interface Props {
  /** What the part is about: with another one it is drawn again. */
  readonly of: string;
  readonly children: ReactNode;
}

interface State {
  readonly failure: { readonly error: unknown } | undefined;
}

/** Stands around a part of the page: loading it, and an error while it is drawn, take nothing else away. */
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
    if (failure === undefined) return <Suspense fallback={<LoadingMessage />}>{this.props.children}</Suspense>;
    return <ErrorMessage error={failure.error} title="This cannot be shown" onRetry={this.#reset} />;
  }
}
