import type { PanelModule } from "../../contracts/panel-kind.ts";
import { AnnotationListPanel } from "./AnnotationListPanel.tsx";
import { annotationListOptions } from "./options.ts";

export const annotationList: PanelModule = {
  Panel: AnnotationListPanel,
  options: annotationListOptions,
  fieldOptions: {},
};
