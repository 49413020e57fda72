(function () {
  "use strict";
  var narrow = window.matchMedia("(max-width: 640px)");
  var wide = window.matchMedia("(min-width: 1240px)"); // room for the contents beside the page
  var contents = document.getElementById("contents");
  var folds = Array.from(document.querySelectorAll("details.fold"));
  var far = folds.filter(function (one) { return one.hasAttribute("data-far"); });

  function fold() {
    far.forEach(function (one) { one.open = !narrow.matches; });
  }

  function open(name) {
    var found = name && document.getElementById(name);
    var inside = found && found.querySelector("details.fold");
    if (inside) { inside.open = true; }
    if (found) { found.scrollIntoView(); }
  }

  function list(is) { contents.open = is; }

  function arrive() { open(decodeURIComponent(location.hash.slice(1))); }

  fold();
  list(wide.matches);
  wide.addEventListener("change", function () { list(wide.matches); });
  narrow.addEventListener("change", fold);
  window.addEventListener("hashchange", arrive);
  window.addEventListener("load", arrive);
  window.addEventListener("beforeprint", function () {
    folds.forEach(function (one) { one.open = true; });
  });
  contents.addEventListener("click", function (event) {
    if (event.target.tagName !== "A") { return; }
    list(wide.matches);
    if (event.target.hash === location.hash) { arrive(); }
  });
  document.addEventListener("click", function (event) {
    if (!contents.contains(event.target)) { list(wide.matches); }
  });
})();
