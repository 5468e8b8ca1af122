const broken: = 3;
