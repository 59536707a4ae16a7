import { type Edit, type JsonObject, readPanelSource } from "@narthex/dashboards";
import type { ComponentType, ReactNode } from "react";
import { afterEach, beforeEach } from "vitest";
import { DrawnPage } from "../../../../../testing/drawn-page.tsx";
import { PanelEditingContext } from "../../panel-edit-context.ts";
import type { QueryFormProps } from "../query-form.ts";

const EDITING = {
  panel: readPanelSource({}),
  edit: () => undefined,
  sources: [],
  variables: [],
  lookup: () => undefined,
  answered: [],
  shown: [],
  fieldNames: [],
  error: undefined,
};

/** Inputs of the editor of a panel without data. */
export const EditedPanel = ({ children }: { readonly children: ReactNode }) => (
  <PanelEditingContext value={EDITING}>{children}</PanelEditingContext>
);

/** Draws a query form on a new page for each test, and collects the edits that the form makes. */
export class FormRig {
  readonly edits: Edit[] = [];
  readonly #Form: ComponentType<QueryFormProps>;
  #page: DrawnPage | undefined;

  constructor(Form: ComponentType<QueryFormProps>) {
    this.#Form = Form;
    beforeEach(() => {
      this.#page = new DrawnPage();
      this.edits.length = 0;
    });
    afterEach(() => this.page.close());
  }

  get page(): DrawnPage {
    return this.#page!;
  }

  draw(query: JsonObject): Promise<void> {
    const Form = this.#Form;
    const onEdit = (given: readonly Edit[]): void => {
      for (const edit of given) this.edits.push(edit);
    };
    return this.page.draw(
      <EditedPanel>
        <Form refId="A" query={query} source={undefined} others={[]} onEdit={onEdit} />
      </EditedPanel>,
    );
  }

  /** Returns the input with an accessible name. */
  field(label: string): HTMLInputElement {
    const inputs = this.page.all<HTMLInputElement>("input, textarea");
    return inputs.find((one) => one.getAttribute("aria-label") === label)!;
  }
}
