/** Entry of the page. */
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "./ui/base.css";
import { App } from "./app/App.tsx";
import { start } from "./app/start.ts";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
void start();
