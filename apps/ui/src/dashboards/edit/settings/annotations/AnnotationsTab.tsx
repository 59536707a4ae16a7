import type { JsonObject } from "@narthex/dashboards";
import { freeName } from "../../list-order.ts";
import { SettingsList } from "../SettingsList.tsx";
import { AnnotationForm } from "./AnnotationForm.tsx";

const textAt = (item: JsonObject, key: string): string => (typeof item[key] === "string" ? item[key] : "");

export default function AnnotationsTab() {
  return (
    <SettingsList
      noun="annotation"
      path={["annotations", "list"]}
      empty="Annotations mark times on the panels, for example deployments, alerts and notes of users."
      make={(items) => ({
        name: freeName(
          "New annotation",
          items.map(({ name }) => name),
        ),
        enable: true,
        hide: false,
        iconColor: "red",
      })}
      nameOf={(item) => textAt(item, "name") || "(no name)"}
      detailOf={(item) => `${item["enable"] === false ? "off " : ""}${textAt(item, "expr")}`}
      isFixed={(item) => item["builtIn"] === 1}
      renderForm={(index, item) => <AnnotationForm key={index} index={index} item={item} />}
    />
  );
}
