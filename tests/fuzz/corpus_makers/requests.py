"""What the server reads."""
import json

from .common import hostile_json, write, write_json


def make():
    head = "POST /a%41?q=1 HTTP/1.1\r\nHost: a\r\n"
    for name, text in {
            "get": "GET / HTTP/1.1\r\nHost: a\r\n\r\n" * 2,
            "length": head + "Content-Length: 2\r\n\r\n{}",
            "chunked": head + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            "trailer": head + "Transfer-Encoding: chunked\r\n\r\n0\r\nX: y\r\n\r\n",
            "both": head + "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n{}",
            "continue": head + "Expect: 100-continue\r\nContent-Length: 1\r\n\r\n1",
            "old": "GET / HTTP/1.0\r\nHost: a\r\nX-Request-Id: b\r\n\r\n",
            "none": "", "noise": "\0\r\n\r\n", "cut": head}.items():
        write("serve_request", name, text)
    for name, value in {
            "one": {"input": "a", "stream": True, "layer": 2},
            "list": {"input": ["a", "\u00e9"], "layer": 7}, "none": {},
            "wrong": {"input": [1], "stream": 0}}.items():
        write_json("serve_fields", name, value)
    hostile_json("serve_fields")
    part = "--b\r\nContent-Disposition: form-data; name=\"q\"\r\n\r\na\r\n"
    for name, text in {
            "json": "\0n=1\n" + json.dumps({"q": ["a"], "n": 3, "x": None}),
            "json_deep": "\0\n" + "[" * 100, "query": "\0q=%41+b&n=9&q",
            "form": "\1\nq=a%20b&q=c&n=8&=&&", "form_cut": "\1\nq=%4",
            "parts": "\2\n" + part * 2 + "--b--\r\n", "parts_cut": "\2\n" + part,
            "parts_none": "\2\n--b--", "parts_quote": "\3\n" + part,
            "languages": "\1\nq=Wo+ist+der+Bahnhof%3F+%D0%9F%D1%80%D0%B8"}.items():
        write("serve_params", name, text)
    for name, text in {
            "page": "h<!DOCTYPE html><title>a&amp;<b></title><p class='x'>One <b>two"
                    "</b> <img src=a>three.<br>Four &copy; <i>five<li>six</i></p>",
            "untouched": "h<script>if (a<b) '</p>'</script>a <code>b</code> c<svg><a/>"
                         "</svg><pre translate=no> d </pre><!-- e --><![CDATA[f]]>",
            "unfinished": "h<b>one <a href=\"two", "names": "h&#65;&#x;&nosuch;&eacute&",
            "crossed": "h<b>a<i>b</b>c</i></u>d<!-->e<!--->f</>g</ h>i<?j>",
            "xml": "x<?xml version='1.0'?><d><p>one <b>two</b></p><e/>&own;</d>",
            "xml_crossed": "x<a><b></a></b>", "deep": "h" + "<b>" * 600,
            "plain": "ha < b > c", "plaintext": "ha<plaintext>b<c>"}.items():
        write("serve_markup", name, text)
