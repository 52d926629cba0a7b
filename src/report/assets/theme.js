'use strict';
// Light or dark: what the reader chose here, else what the system says; ?theme= forces one.
(() => {
  const root = document.documentElement;
  const system = window.matchMedia('(prefers-color-scheme: dark)');
  const known = (name) => (name === 'light' || name === 'dark' ? name : null);
  const kept = () => {
    try {
      return known(localStorage.getItem('landauer-theme'));
    } catch {
      return null; // files from disk may have no storage
    }
  };
  let chosen = known(new URLSearchParams(location.search).get('theme')) || kept();
  const listeners = [];
  const current = () => chosen || (system.matches ? 'dark' : 'light');
  const apply = () => {
    root.dataset.theme = current();
    listeners.forEach((listener) => listener());
  };
  root.classList.add('js');
  root.dataset.theme = current();
  system.addEventListener('change', apply);
  let before = null;
  window.addEventListener('beforeprint', () => {
    before = chosen;
    chosen = 'light';
    apply();
  });
  window.addEventListener('afterprint', () => {
    chosen = before;
    apply();
  });
  window.landauer = {
    theme: current,
    onTheme: (listener) => listeners.push(listener),
    switchTheme: () => {
      chosen = current() === 'dark' ? 'light' : 'dark';
      try {
        localStorage.setItem('landauer-theme', chosen);
      } catch {
        // the choice lasts as long as the page
      }
      apply();
    },
  };
})();
