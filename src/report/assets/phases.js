'use strict';
// The phases of each prompt, one bar a prompt; of pictures by size.
landauer.phasePlot = (place, run) => {
  const { create, colour, figure, redraw, shorten, keys } = landauer.page;
  const { rows, of } = run.phases;
  if (!rows.length) return;
  const kinds = run.image
    ? [['preprocess', 'resizing (preprocess)'], ['encode', 'vision encoder'], ['image_prefill', 'reading the image (prefill)'],
      ['prefill', 'reading the text (prefill)'], ['decode', 'writing the answer (decode)']]
    : [['prefill', 'reading the prompt (prefill)'], ['decode', 'writing the answer (decode)']];
  const total = (row) => kinds.reduce((sum, [kind]) => sum + row[kind], 0);
  const picture = create('div', { class: 'picture' });
  place.append(
    keys(kinds), picture);
  if (of > rows.length) {
    place.append(create('p', { class: 'quiet' }, [`${rows.length} of ${of} ${run.image ? 'sizes' : 'prompts'} are drawn, evenly chosen.`]));
  }
  // Names of prompts need not differ once shortened; bars are told apart by their number.
  const bars = rows.flatMap((row, i) => kinds.map(([kind]) => ({ i, kind, s: row[kind], row })));

  function draw() {
    const width = Math.max(280, Math.min(place.clientWidth, 1040));
    const label = (i) => shorten(rows[i].id, 14);
    const longest = Math.max(...rows.map((_, i) => label(i).length));
    picture.replaceChildren(Plot.plot({
      width,
      height: 64 + rows.length * (rows.length > 30 ? 13 : 20),
      marginLeft: Math.min(130, 26 + 7 * longest), marginRight: 56, marginTop: 30, marginBottom: 16,
      ariaLabel: run.image ? 'Seconds of each phase by size' : 'Seconds of prefill and decode for each prompt',
      style: landauer.page.plotStyle,
      x: { label: 'seconds →', labelAnchor: 'right', axis: 'top', grid: true, ticks: width < 500 ? 4 : 8 },
      y: { label: null, domain: rows.map((_, i) => i), tickFormat: label, tickSize: 0 },
      marks: [
        Plot.barX(bars, {
          x: 's', y: 'i', order: kinds.map(([kind]) => kind), insetTop: 1, insetBottom: 1, z: 'kind',
          fill: (d) => colour(d.kind),
        }),
        Plot.text(rows, {
          x: total, y: (_, i) => i, text: (d) => `${total(d).toPrecision(3)} s`,
          textAnchor: 'start', dx: 5, fill: colour('quiet'), fontSize: 11,
        }),
        Plot.tip(rows, Plot.pointerY({
          x: total, y: (_, i) => i, fill: colour('paper'), stroke: colour('line'),
          title: (d) => `${shorten(d.id, 40)}\n` +
            `${d.n_image === undefined ? '' : `${d.n_image} image tokens, `}${d.n_in} ${run.image ? 'of text' : 'tokens in'}, ${d.n_out} out\n` +
            kinds.map(([kind]) => `${kind.replace('_', ' ')} ${figure(d[kind])} s`).join('\n'),
        })),
      ],
    }));
  }
  redraw(place, draw);
};
