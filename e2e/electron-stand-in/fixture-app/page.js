/** The page of the fixture app: shows the path of a file as soon as it is chosen or dropped. */
try {
  // biome-ignore lint/security/noGlobalEval: that the policy forbids it is the point
  eval("window.evalRan = true"); // oxlint-disable-line no-eval
} catch (error) {
  window.evalError = error.name;
}

const path = document.getElementById("path");

document.getElementById("file").addEventListener("change", (event) => {
  path.textContent = window.bridge.pathOf(event.target.files[0]);
});
const drop = document.getElementById("drop");
drop.addEventListener("dragover", (event) => event.preventDefault());
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  path.textContent = window.bridge.pathOf(event.dataTransfer.files[0]);
});
