// The script of the report. Without it the page is complete: the browser then shows the <title>
// of a mark. With it, hovering, touching and the arrow keys show values, and legends hide classes.
#include "cohesin/report/page_sections.h"

namespace cohesin {
namespace {

constexpr std::string_view kScript = R"js(
(function () {
  'use strict';
  var tip = document.getElementById('tip');
  var marked = null, cursor = null;

  function each(selector, visit, root) {
    Array.prototype.forEach.call((root || document).querySelectorAll(selector), visit);
  }

  // A browser would show a title beside our own note, later and smaller.
  each('.mark > title', function (title) {
    title.parentNode.setAttribute('data-tip', title.textContent);
    title.parentNode.removeChild(title);
  });

  function hide() {
    tip.hidden = true;
    if (marked) marked.classList.remove('at');
    if (cursor && cursor.parentNode) cursor.parentNode.removeChild(cursor);
    marked = null;
  }

  function show(text, x, y, mark) {
    if (marked && marked !== mark) marked.classList.remove('at');
    marked = mark || null;
    if (marked) marked.classList.add('at');
    tip.textContent = text;
    tip.hidden = false;
    var width = tip.offsetWidth, height = tip.offsetHeight;
    var left = Math.min(Math.max(6, x + 14), window.innerWidth - width - 6);
    var top = y - height - 14 > 4 ? y - height - 14 : y + 18;
    tip.style.transform = 'translate(' + Math.round(left) + 'px,' + Math.round(top) + 'px)';
  }

  function vertices(path) {
    if (!path.vertices) {
      path.vertices = path.getAttribute('d').split(/[ML]/).slice(1).map(function (pair) {
        var parts = pair.split(' ');
        return [Number(parts[0]), Number(parts[1])];
      });
    }
    return path.vertices;
  }

  function value(svg, axis, at) {
    var p = svg.getAttribute('data-' + axis).split(' ').map(Number);
    return p[0] + (at - p[2]) / (p[3] - p[2]) * (p[1] - p[0]);
  }

  function number(v, span) {
    if (span > 20) return String(Math.round(v));
    return v.toFixed(3);
  }

  function span(svg, axis) {
    var p = svg.getAttribute('data-' + axis).split(' ').map(Number);
    return p[1] - p[0];
  }

  // The nearest vertex of any visible line of a plot, in drawing units.
  function nearest_vertex(svg, x, y) {
    var best = null, reach = 26 * 26;
    each('path[data-name]:not(.off)', function (path) {
      vertices(path).forEach(function (v) {
        var d = (v[0] - x) * (v[0] - x) + (v[1] - y) * (v[1] - y);
        if (d < reach) { reach = d; best = {path: path, x: v[0], y: v[1]}; }
      });
    }, svg);
    return best;
  }

  function nearest_point(svg, x, y) {
    var best = null, reach = 12 * 12;
    each('.mark-point:not(.off)', function (mark) {
      var box = mark.box || (mark.box = mark.getBBox());
      var dx = box.x + box.width / 2 - x, dy = box.y + box.height / 2 - y;
      if (dx * dx + dy * dy < reach) { reach = dx * dx + dy * dy; best = mark; }
    }, svg);
    return best;
  }

  function read_line(svg, hit, x, y) {
    if (!cursor) {
      cursor = document.createElementNS('http://www.w3.org/2000/svg', 'circle');
      cursor.setAttribute('class', 'cursor');
      cursor.setAttribute('r', '4');
    }
    cursor.setAttribute('cx', hit.x);
    cursor.setAttribute('cy', hit.y);
    svg.appendChild(cursor);
    show(hit.path.getAttribute('data-tip') + ' · ' +
         svg.getAttribute('data-x-name') + ' ' + number(value(svg, 'x', hit.x), span(svg, 'x')) +
         ', ' + svg.getAttribute('data-y-name') + ' ' +
         number(value(svg, 'y', hit.y), span(svg, 'y')), x, y, hit.path);
  }

  function point(event) {
    var svg = event.target.closest && event.target.closest('svg.plot');
    if (!svg) {
      var cell = event.target.closest && event.target.closest('[data-tip]');
      if (cell) show(cell.getAttribute('data-tip'), event.clientX, event.clientY);
      else hide();
      return;
    }
    var mark = event.target.closest('.mark');
    var matrix = svg.getScreenCTM();
    if (matrix) {
      var at = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse());
      var hit = svg.hasAttribute('data-x') &&
          !(mark && mark.classList.contains('mark-best')) && nearest_vertex(svg, at.x, at.y);
      if (hit) { read_line(svg, hit, event.clientX, event.clientY); return; }
      if (!mark) mark = nearest_point(svg, at.x, at.y);
    }
    if (mark) show(mark.getAttribute('data-tip'), event.clientX, event.clientY, mark);
    else hide();
  }

  function step(svg, by) {
    var marks = svg.querySelectorAll('.mark[data-tip]:not(.off)');
    if (!marks.length) return;
    var index = Array.prototype.indexOf.call(marks, marked);
    index = index < 0 ? (by > 0 ? 0 : marks.length - 1)
                      : (index + by + marks.length) % marks.length;
    var box = marks[index].getBoundingClientRect();
    show(marks[index].getAttribute('data-tip'), box.left + box.width / 2,
         box.top + Math.min(box.height / 2, 40), marks[index]);
  }

  document.addEventListener('pointermove', point);
  document.addEventListener('pointerdown', point);
  document.addEventListener('scroll', hide, {passive: true});
  document.addEventListener('focusout', hide);
  document.addEventListener('keydown', function (event) {
    var svg = event.target.closest && event.target.closest('svg.plot');
    if (event.key === 'Escape') hide();
    if (!svg) return;
    if (event.key === 'ArrowRight' || event.key === 'ArrowDown') step(svg, 1);
    else if (event.key === 'ArrowLeft' || event.key === 'ArrowUp') step(svg, -1);
    else return;
    event.preventDefault();
  });

  each('button.key', function (button) {
    button.addEventListener('click', function () {
      var shown = button.getAttribute('aria-pressed') !== 'true';
      button.setAttribute('aria-pressed', String(shown));
      each('svg [data-class="' + button.getAttribute('data-class') + '"]', function (mark) {
        mark.classList.toggle('off', !shown);
      }, button.closest('section'));
    });
  });

  var links = {};
  each('nav a', function (link) { links[link.getAttribute('href').slice(1)] = link; });
  if ('IntersectionObserver' in window) {
    var observer = new IntersectionObserver(function (entries) {
      entries.forEach(function (entry) {
        var link = links[entry.target.id];
        if (!link || !entry.isIntersecting) return;
        each('nav a.here', function (other) { other.classList.remove('here'); });
        link.classList.add('here');
        link.parentNode.scrollTo({left: link.offsetLeft - 60});
      });
    }, {rootMargin: '-70px 0px -75% 0px'});
    each('section[id]', function (section) { observer.observe(section); });
  }

  window.addEventListener('beforeprint', function () {
    each('details', function (details) { details.open = true; });
  });
})();
)js";

}  // namespace

std::string_view page_script() { return kScript; }

}  // namespace cohesin
