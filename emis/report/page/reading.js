// What every page does: one language at a time, and printing with everything open.
"use strict";

const reading = {};

/** Show the page in a language; both stand in it. */
reading.show = function (lang) {
  const root = document.documentElement;
  root.dataset.lang = lang;
  root.lang = lang === "zh" ? "zh-CN" : "en";
  const title = document.querySelector("title");
  document.title = title.dataset[lang];
  for (const button of document.querySelectorAll("[lang-button]")) {
    button.setAttribute("aria-pressed", String(button.getAttribute("lang-button") === lang));
  }
  document.dispatchEvent(new CustomEvent("language", { detail: lang }));
};

reading.lang = () => document.documentElement.dataset.lang;

for (const button of document.querySelectorAll("[lang-button]")) {
  button.addEventListener("click", () => reading.show(button.getAttribute("lang-button")));
}
// A click in the menu goes to a section and leaves the address, in which settings may stand, as it is.
for (const link of document.querySelectorAll('a[href^="#"]')) {
  link.addEventListener("click", (event) => {
    const section = document.getElementById(link.getAttribute("href").slice(1));
    event.preventDefault();
    section.tabIndex = -1;
    section.focus({ preventScroll: true });
    section.scrollIntoView();
  });
}

document.getElementById("print").addEventListener("click", () => window.print());

// What is folded away on the screen is there on paper.
let folded = [];
window.addEventListener("beforeprint", () => {
  folded = [...document.querySelectorAll("details:not([open])")].filter((one) => !one.closest(".controls"));
  for (const one of folded) one.open = true;
});
window.addEventListener("afterprint", () => {
  for (const one of folded) one.open = false;
});
