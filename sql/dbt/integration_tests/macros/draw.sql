{#- A whole number from 0 to 996 that looks like chance, and is the same on every engine: of up to three numbers below 100. -#}
{%- macro draw(a, b, c) -%}
  {%- set mixed = 'MOD(' ~ a ~ ' * ' ~ a ~ ' * 37 + ' ~ b ~ ' * ' ~ b ~ ' * 101 + ' ~ a ~ ' * ' ~ b ~ ' * 17 + ' ~ c ~ ' * ' ~ a ~ ' * 71 + ' ~ c ~ ' * ' ~ b ~ ' * 29 + ' ~ c ~ ' * 53, 997)' -%}
  MOD({{ mixed }} * {{ mixed }} * {{ mixed }}, 997)
{%- endmacro -%}
